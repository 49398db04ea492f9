#include <QTest>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"

using lacuna::parallelFor;

class ParallelForTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyIndexIsVisitedOnce_data();
  void everyIndexIsVisitedOnce();
  void chunksAreAtLeastTheGrain();
  void severalThreadsWork();
  void firstExceptionIsRethrownAndThePoolGoesOn();
  void nestedCallsRunOnTheCallingThread();
  void callersDoNotMix();
  void contextStopsAndReports();
};

void ParallelForTest::everyIndexIsVisitedOnce_data() {
  QTest::addColumn<qint64>("n");
  QTest::addColumn<int>("threads");
  QTest::addColumn<qint64>("grain");
  for (const int threads : {0, 1, 2, 7})
    for (const qint64 n : {0, 1, 2, 3, 100, 1001})
      for (const qint64 grain : {0, 1, 10, 5000})
        QTest::addRow("n=%lld threads=%d grain=%lld", n, threads, grain) << n << threads << grain;
}

void ParallelForTest::everyIndexIsVisitedOnce() {
  QFETCH(qint64, n);
  QFETCH(int, threads);
  QFETCH(qint64, grain);
  std::vector<int> visits(static_cast<std::size_t>(n));
  parallelFor(n, threads, grain, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
  });
  QVERIFY(visits == std::vector<int>(visits.size(), 1));
}

void ParallelForTest::chunksAreAtLeastTheGrain() {
  std::atomic<int> small{0}, chunks{0};
  parallelFor(1003, 4, 100, [&](std::int64_t begin, std::int64_t end) {
    if (end - begin < 100) ++small;
    ++chunks;
  });
  QCOMPARE(small.load(), 0);
  QVERIFY(chunks > 1);
}

void ParallelForTest::severalThreadsWork() {
  std::atomic<int> waiting{0};
  // Each of the two chunks waits for the other: one thread alone would never return.
  parallelFor(2, 2, 1, [&](std::int64_t, std::int64_t) {
    ++waiting;
    while (waiting < 2) std::this_thread::yield();
  });
  QCOMPARE(waiting.load(), 2);
}

void ParallelForTest::firstExceptionIsRethrownAndThePoolGoesOn() {
  for (int round = 0; round < 50; ++round) {
    QVERIFY_EXCEPTION_THROWN(parallelFor(100, 4, 1,
                                         [](std::int64_t begin, std::int64_t) {
                                           if (begin >= 50) throw std::runtime_error("broken");
                                         }),
                             std::runtime_error);
  }
  std::atomic<std::int64_t> sum{0};
  parallelFor(100, 4, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
  QCOMPARE(sum.load(), std::int64_t{100});
}

void ParallelForTest::nestedCallsRunOnTheCallingThread() {
  std::atomic<int> elsewhere{0}, inner{0};
  parallelFor(8, 4, 1, [&](std::int64_t, std::int64_t) {
    const auto outer = std::this_thread::get_id();
    parallelFor(8, 4, 1, [&](std::int64_t begin, std::int64_t end) {
      if (std::this_thread::get_id() != outer) ++elsewhere;
      inner += static_cast<int>(end - begin);
    });
  });
  QCOMPARE(elsewhere.load(), 0);
  QVERIFY(inner >= 8 * 4);
}

void ParallelForTest::callersDoNotMix() {
  std::vector<std::int64_t> sums(4);
  {
    std::vector<std::jthread> callers;
    for (auto& sum : sums)
      callers.emplace_back([&sum] {
        for (int round = 0; round < 200; ++round) {
          std::atomic<std::int64_t> part{0};
          parallelFor(64, 3, 1, [&](std::int64_t begin, std::int64_t end) { part += end - begin; });
          sum += part;
        }
      });
  }
  QVERIFY(sums == std::vector<std::int64_t>(4, 64 * 200));
}

void ParallelForTest::contextStopsAndReports() {
  std::stop_source source;
  std::vector<std::uint64_t> ticks;
  lacuna::RunContext context{source.get_token(), [&](const lacuna::Progress& p) { ticks.push_back(p.done); }, 0, 3};
  context.checkpoint();
  context.report("Reading", 5, 10);
  QVERIFY(ticks == std::vector<std::uint64_t>{5});
  QCOMPARE(context.threadCount(), 3);
  QVERIFY(lacuna::RunContext{}.threadCount() >= 1);
  lacuna::RunContext{}.report("Nobody listens", 1, 1);
  source.request_stop();
  QVERIFY_EXCEPTION_THROWN(context.checkpoint(), lacuna::Cancelled);
}

QTEST_GUILESS_MAIN(ParallelForTest)
#include "parallel_for_test.moc"
