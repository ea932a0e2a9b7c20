// newId(): positive, growing, unique across threads, exact in QML's numbers.
#include "app/records.h"

#include <QtTest>
#include <algorithm>
#include <array>
#include <thread>
#include <vector>

using namespace fovea::app;

class RecordsTest : public QObject {
  Q_OBJECT

 private slots:
  void growsAndFitsADouble() {
    RecordId previous = 0;
    for (int i = 0; i < 100'000; ++i) {
      const RecordId id = newId();
      QVERIFY(id > previous);
      QVERIFY(id < (RecordId{1} << 53));
      previous = id;
    }
  }

  void uniqueAcrossThreads() {
    std::array<std::vector<RecordId>, 4> made;
    {
      std::vector<std::thread> threads;
      threads.reserve(made.size());
      for (auto& ids : made) {
        threads.emplace_back([&ids] {
          for (int i = 0; i < 10'000; ++i) ids.push_back(newId());
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
    std::vector<RecordId> all;
    for (const auto& ids : made) all.insert(all.end(), ids.begin(), ids.end());
    std::sort(all.begin(), all.end());
    QVERIFY(std::adjacent_find(all.begin(), all.end()) == all.end());
  }
};

QTEST_GUILESS_MAIN(RecordsTest)
#include "records_test.moc"
