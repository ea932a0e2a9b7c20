// Traces as bytes: what goes in comes out, and whatever else comes in gives an error or a sound trace, never
// a crash.
#include "app/trace_blob.h"

#include <zlib.h>

#include <QRandomGenerator>
#include <QtTest>

#include "app/byte_stream.h"
#include "trace_fixtures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

constexpr qsizetype kHeaderBytes = 10;

QByteArray unpacked(const QByteArray& blob) {
  QByteArray content(1 << 20, '\0');
  auto size = static_cast<uLongf>(content.size());
  uncompress(reinterpret_cast<Bytef*>(content.data()), &size,
             reinterpret_cast<const Bytef*>(blob.constData()) + kHeaderBytes,
             static_cast<uLong>(blob.size() - kHeaderBytes));
  content.resize(static_cast<qsizetype>(size));
  return content;
}

/// A blob whose checksum is right, whatever its content is.
QByteArray packed(const QByteArray& content, quint32 claimed) {
  ByteWriter header;
  for (const char byte : {'F', 'V', 'T', 'R'}) header.u8(static_cast<std::uint8_t>(byte));
  header.u16(kTraceVersion);
  header.u32(claimed);
  QByteArray body(static_cast<qsizetype>(compressBound(static_cast<uLong>(content.size()))), '\0');
  auto size = static_cast<uLongf>(body.size());
  compress(reinterpret_cast<Bytef*>(body.data()), &size, reinterpret_cast<const Bytef*>(content.constData()),
           static_cast<uLong>(content.size()));
  body.resize(static_cast<qsizetype>(size));
  return QByteArray(reinterpret_cast<const char*>(header.bytes().data()), kHeaderBytes) + body;
}

QByteArray packed(const QByteArray& content) {
  return packed(content, static_cast<quint32>(content.size()));
}

}  // namespace

class TraceBlobTest : public QObject {
  Q_OBJECT

 private slots:
  void roundTrip() {
    const TurnTrace trace = makeTrace();
    const auto decoded = decodeTrace(encodeTrace(trace));
    QVERIFY2(decoded.ok(), decoded.ok() ? "" : decoded.error().message.c_str());
    QVERIFY(sameTrace(*decoded, trace));
    const auto empty = decodeTrace(encodeTrace(TurnTrace()));
    QVERIFY(empty.ok());
    QVERIFY(sameTrace(*empty, TurnTrace()));
  }

  void isCompact() {
    // An answer of 200 steps over a context of 2,048 tokens in 16 layers.
    TurnTrace trace = makeTrace();
    QRandomGenerator random(7);
    trace.prompt.resize(2048);
    for (TokenId& token : trace.prompt) token = static_cast<TokenId>(random.bounded(32'000));
    trace.steps.assign(200, trace.steps.front());
    for (TraceStep& step : trace.steps) {
      step.reads.resize(256);
      for (auto& reads : step.reads) reads = random.bounded(8) == 0 ? random.bounded(60) : 0;
      step.telemetry.layers.resize(16);
      for (LayerReads& layer : step.telemetry.layers)
        layer = {static_cast<int>(random.bounded(600)), static_cast<float>(random.generateDouble())};
    }
    const QByteArray blob = encodeTrace(trace);
    qInfo("%lld bytes", static_cast<long long>(blob.size()));
    QVERIFY(blob.size() < 60'000);
  }

  void everyTruncationIsAnError() {
    const QByteArray blob = encodeTrace(makeTrace());
    for (qsizetype size = 0; size < blob.size(); ++size) QVERIFY(!decodeTrace(blob.left(size)).ok());
    QVERIFY(!decodeTrace(blob + 'x').ok());
    const QByteArray content = unpacked(blob);
    for (qsizetype size = 0; size < content.size(); ++size)
      QVERIFY2(!decodeTrace(packed(content.left(size))).ok(), qPrintable(QString::number(size)));
    QVERIFY(!decodeTrace(packed(content + 'x')).ok());
  }

  void everyFlippedByteIsFound() {
    const TurnTrace trace = makeTrace();
    const QByteArray blob = encodeTrace(trace);
    for (qsizetype at = 0; at < blob.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        QByteArray flipped = blob;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
        // Two bits of zlib's header only say how hard it tried.
        const auto decoded = decodeTrace(flipped);
        QVERIFY(!decoded.ok() || sameTrace(*decoded, trace));
      }
    }
  }

  void hostileContentNeverCrashes() {
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    const QByteArray content = unpacked(encodeTrace(makeTrace()));
    int sound = 0;
    for (qsizetype at = 0; at < content.size(); ++at) {
      for (const int value : {0, 1, 0x7F, 0x80, 0xFF}) {
        QByteArray changed = content;
        changed[at] = static_cast<char>(value);
        sound += decodeTrace(packed(changed)).ok() ? 1 : 0;
      }
    }
    for (int round = 0; round < 3000; ++round) {
      QByteArray changed = content;
      for (int i = 0; i < 1 + random.bounded(6); ++i)
        changed[random.bounded(static_cast<int>(changed.size()))] = static_cast<char>(random.bounded(256));
      const auto decoded = decodeTrace(packed(changed));
      if (!decoded) continue;
      ++sound;
      // What is taken for sound can be written again.
      QVERIFY(sameTrace(*decodeTrace(encodeTrace(*decoded)), *decoded));
    }
    QVERIFY(sound > 0);
  }

  void claimsAreNotBelieved() {
    const QByteArray content = unpacked(encodeTrace(makeTrace()));
    QVERIFY(!decodeTrace(packed(content, 0)).ok());
    QVERIFY(!decodeTrace(packed(content, static_cast<quint32>(content.size()) - 1)).ok());
    QVERIFY(!decodeTrace(packed(content, static_cast<quint32>(content.size()) + 1)).ok());
    QVERIFY(!decodeTrace(packed(content, 0xFFFFFFFF)).ok());
    // Much that packs into little: refused by what it claims, or because it claims too little.
    const QByteArray zeros(64 << 20, '\0');
    QVERIFY(!decodeTrace(packed(zeros)).ok());
    QVERIFY(!decodeTrace(packed(zeros, 100)).ok());
    QVERIFY(!decodeTrace(QByteArray(kTraceBytesMax + 1, 'F')).ok());
  }

  void aNewerVersionIsNamed() {
    QByteArray blob = encodeTrace(makeTrace());
    blob[4] = 2;
    const auto decoded = decodeTrace(blob);
    QVERIFY(!decoded.ok());
    QCOMPARE(decoded.error().code, ErrorCode::kUnsupported);
  }
};

QTEST_GUILESS_MAIN(TraceBlobTest)
#include "trace_blob_test.moc"
