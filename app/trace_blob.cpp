#include "app/trace_blob.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "app/byte_stream.h"

namespace fovea::app {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'F', 'V', 'T', 'R'};
constexpr std::size_t kHeaderBytes = 10;
constexpr std::int64_t kLayersMax = 4096;
constexpr TokenId kTokenMax = 1 << 24;
constexpr std::int64_t kPositionMax = 1 << 24;
constexpr std::int64_t kCountMax = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kStepBytesMin = 34;  // of a step whose lists are empty

Error damaged(const char* detail) {
  return {ErrorCode::kDamaged, std::string("What was recorded of this answer is damaged: ") + detail + ".",
          "The answer itself is not affected."};
}

void writeIds(ByteWriter& out, const std::vector<TokenId>& ids) {
  out.count(static_cast<std::int64_t>(ids.size()));
  for (const TokenId id : ids) out.count(id);
}

std::vector<TokenId> readIds(ByteReader& in) {
  std::vector<TokenId> ids(in.elements());
  for (TokenId& id : ids) id = in.countInt(kTokenMax);
  return ids;
}

template <typename Counts>
void writeCounts(ByteWriter& out, const Counts& counts) {
  out.count(static_cast<std::int64_t>(counts.size()));
  for (const auto each : counts) out.count(static_cast<std::int64_t>(each));
}

template <typename Number>
std::vector<Number> readCounts(ByteReader& in) {
  std::vector<Number> counts(in.elements());
  for (Number& each : counts)
    each = static_cast<Number>(in.count(static_cast<std::int64_t>(
        std::min<std::uint64_t>(std::numeric_limits<Number>::max(), static_cast<std::uint64_t>(kCountMax)))));
  return counts;
}

void writeOptions(ByteWriter& out, const TurnTrace& trace) {
  const GenerationOptions& options = trace.options;
  out.u8(static_cast<std::uint8_t>(options.mode));
  out.u8(static_cast<std::uint8_t>(options.sparsity.selector));
  out.u8(static_cast<std::uint8_t>(trace.reason));
  out.u8(trace.remapped ? 1 : 0);
  for (const float real : {options.sampling.temperature, options.sampling.top_p, options.sampling.min_p,
                           options.sampling.repetition_penalty, options.sparsity.attention_top_p})
    out.real(real);
  for (const int count :
       {options.sampling.top_k, options.sampling.repetition_window, options.max_tokens, options.draft_tokens,
        options.sparsity.sinks, options.sparsity.window, options.sparsity.dense_layers})
    out.count(count);
  out.u64(options.sampling.seed);
  out.count(trace.kvEntryBytes);
  out.count(trace.weightsBytes);
}

void readOptions(ByteReader& in, TurnTrace& trace) {
  GenerationOptions& options = trace.options;
  const auto choice = [&in](int last) {
    const int value = in.u8();
    if (value > last) in.fail();
    return in.ok() ? value : 0;
  };
  options.mode = static_cast<Mode>(choice(static_cast<int>(Mode::kExact)));
  options.sparsity.selector = static_cast<SelectorKind>(choice(static_cast<int>(SelectorKind::kOracle)));
  trace.reason = static_cast<FinishReason>(choice(static_cast<int>(FinishReason::kCancelled)));
  trace.remapped = choice(1) == 1;
  for (float* real : {&options.sampling.temperature, &options.sampling.top_p, &options.sampling.min_p,
                      &options.sampling.repetition_penalty, &options.sparsity.attention_top_p})
    *real = in.positiveReal();
  for (int* count : {&options.sampling.top_k, &options.sampling.repetition_window, &options.max_tokens,
                     &options.draft_tokens, &options.sparsity.sinks, &options.sparsity.window,
                     &options.sparsity.dense_layers})
    *count = in.countInt();
  options.sampling.seed = in.u64();
  trace.kvEntryBytes = in.count(kCountMax);
  trace.weightsBytes = in.count(kCountMax);
  if (!validate(options)) in.fail();
}

void writeStep(ByteWriter& out, const TraceStep& each) {
  const StepTelemetry& step = each.telemetry;
  out.u8(static_cast<std::uint8_t>(step.kind));
  for (const std::int64_t count :
       {std::int64_t{step.proposed}, std::int64_t{step.accepted}, std::int64_t{step.confirmed},
        std::int64_t{step.refused}, static_cast<std::int64_t>(step.context_tokens), step.kv_entries_read,
        step.kv_entries_dense, step.draft_kv_entries_read, std::int64_t{step.draft_passes}})
    out.count(count);
  for (const double real : {step.attention_mass_kept, step.draft_seconds, step.select_seconds,
                            step.verify_seconds, step.sample_seconds})
    out.real(static_cast<float>(real));
  out.count(static_cast<std::int64_t>(step.layers.size()));
  for (const LayerReads& layer : step.layers) {
    out.count(layer.entries_read);
    out.real(layer.mass_kept);
  }
  writeIds(out, step.tokens);
  out.u8(step.refusal ? 1 : 0);
  if (step.refusal) {
    out.count(step.refusal->refused);
    out.count(step.refusal->chosen);
    for (const float real : {step.refusal->draft_probability, step.refusal->verifier_probability,
                             step.refusal->chosen_probability})
      out.real(real);
  }
  writeCounts(out, each.reads);
}

/// A share of something, or NaN where nobody knows it. Sums of rounded shares may pass 1 by a little.
float readShare(ByteReader& in) {
  const float value = in.real();
  if (std::isnan(value) || (value >= 0 && value <= 1.01F)) return value;
  in.fail();
  return 0;
}

TraceStep readStep(ByteReader& in) {
  TraceStep each;
  StepTelemetry& step = each.telemetry;
  const int kind = in.u8();
  if (kind >= static_cast<int>(kPassKinds)) in.fail();
  step.kind = in.ok() ? static_cast<PassKind>(kind) : PassKind::kPlain;
  step.proposed = in.countInt();
  step.accepted = in.countInt(step.proposed);
  step.confirmed = in.countInt();
  step.refused = in.countInt();
  step.context_tokens = static_cast<std::size_t>(in.count(kPositionMax));
  step.kv_entries_read = in.count(kCountMax);
  step.kv_entries_dense = in.count(kCountMax);
  step.draft_kv_entries_read = in.count(kCountMax);
  step.draft_passes = in.countInt();
  step.attention_mass_kept = readShare(in);
  for (double* seconds :
       {&step.draft_seconds, &step.select_seconds, &step.verify_seconds, &step.sample_seconds})
    *seconds = in.positiveReal();
  step.layers.resize(in.elements(5));
  for (LayerReads& layer : step.layers) {
    layer.entries_read = in.countInt();
    layer.mass_kept = readShare(in);
  }
  step.tokens = readIds(in);
  step.emitted = static_cast<int>(step.tokens.size());
  const int refused = in.u8();
  if (refused > 1) in.fail();
  if (refused == 1) {
    Refusal& refusal = step.refusal.emplace();
    refusal.refused = in.countInt(kTokenMax);
    refusal.chosen = in.countInt(kTokenMax);
    for (float* real :
         {&refusal.draft_probability, &refusal.verifier_probability, &refusal.chosen_probability})
      *real = readShare(in);
  }
  each.reads = readCounts<std::uint32_t>(in);
  return each;
}

void writeReads(ByteWriter& out, const ReadMap& reads) {
  out.count(static_cast<std::int64_t>(reads.layers()));
  for (std::size_t layer = 0; layer < reads.layers(); ++layer) writeCounts(out, reads.reads(layer));
  writeCounts(out, reads.dense());
}

ReadMap readReads(ByteReader& in) {
  std::vector<std::vector<std::int64_t>> layers(static_cast<std::size_t>(in.count(kLayersMax)));
  for (auto& layer : layers) layer = readCounts<std::int64_t>(in);
  return ReadMap(std::move(layers), readCounts<std::int64_t>(in));
}

void writeContent(ByteWriter& out, const TurnTrace& trace) {
  writeOptions(out, trace);
  writeIds(out, trace.prompt);
  out.count(static_cast<std::int64_t>(trace.steps.size()));
  for (const TraceStep& step : trace.steps) writeStep(out, step);
  writeReads(out, trace.reads);
  out.count(static_cast<std::int64_t>(trace.texts.size()));
  for (const auto& [token, text] : trace.texts) {
    out.count(token);
    out.text(text);
  }
}

Result<TurnTrace> readContent(std::span<const std::uint8_t> content) {
  ByteReader in(content);
  TurnTrace trace;
  readOptions(in, trace);
  trace.prompt = readIds(in);
  const std::size_t steps = in.elements(kStepBytesMin);
  for (std::size_t i = 0; i < steps && in.ok(); ++i) trace.steps.push_back(readStep(in));
  trace.reads = readReads(in);
  const std::size_t texts = in.elements(2);
  for (std::size_t i = 0; i < texts && in.ok(); ++i) {
    const TokenId token = in.countInt(kTokenMax);
    trace.texts.insert_or_assign(token, in.text());
  }
  if (!in.ok()) return damaged("its numbers contradict each other");
  if (!in.atEnd()) return damaged("something follows its end");
  return trace;
}

std::span<const std::uint8_t> bytesOf(const QByteArray& blob) {
  return {reinterpret_cast<const std::uint8_t*>(blob.constData()), static_cast<std::size_t>(blob.size())};
}

}  // namespace

QByteArray encodeTrace(const TurnTrace& trace) {
  ByteWriter content;
  writeContent(content, trace);
  ByteWriter header;
  for (const std::uint8_t byte : kMagic) header.u8(byte);
  header.u16(kTraceVersion);
  header.u32(static_cast<std::uint32_t>(content.bytes().size()));
  const auto size = static_cast<uLong>(content.bytes().size());
  if (content.bytes().size() > static_cast<std::size_t>(kTraceBytesMax)) return {};
  std::vector<std::uint8_t> packed(compressBound(size));
  auto packedSize = static_cast<uLongf>(packed.size());
  if (compress(packed.data(), &packedSize, content.bytes().data(), size) != Z_OK) return {};
  QByteArray blob(reinterpret_cast<const char*>(header.bytes().data()), kHeaderBytes);
  blob.append(reinterpret_cast<const char*>(packed.data()), static_cast<qsizetype>(packedSize));
  return blob;
}

Result<TurnTrace> decodeTrace(const QByteArray& blob) {
  if (blob.size() > kTraceBytesMax) return damaged("it is too large");
  ByteReader header(bytesOf(blob));
  for (const std::uint8_t byte : kMagic) {
    if (header.u8() != byte) return damaged("it does not begin like a record");
  }
  const int version = header.u16();
  const std::uint32_t size = header.u32();
  if (!header.ok()) return damaged("it is cut off");
  if (version != kTraceVersion) {
    return Error{ErrorCode::kUnsupported, "What was recorded of this answer is in a newer Fovea's format.",
                 "Look at it with that version."};
  }
  if (size > static_cast<std::uint32_t>(kTraceBytesMax)) return damaged("it is too large");
  std::vector<std::uint8_t> content(size);
  auto unpacked = static_cast<uLongf>(size);
  const auto packed = bytesOf(blob).subspan(kHeaderBytes);
  auto consumed = static_cast<uLong>(packed.size());
  if (uncompress2(content.data(), &unpacked, packed.data(), &consumed) != Z_OK || unpacked != size ||
      consumed != packed.size()) {
    return damaged("it cannot be unpacked");
  }
  return readContent(content);
}

}  // namespace fovea::app
