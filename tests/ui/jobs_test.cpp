#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <atomic>
#include <thread>

#include "fake_session.h"
#include "jobs/job_runner.h"
#include "selection/study_context.h"
#include "views/perturbation/panel_view.h"
#include "widgets/slider_box.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace Qt::Literals::StringLiterals;

class JobsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void latestWinsShowsOnlyTheLast() {
    JobRunner jobs;
    std::vector<int> shown;
    std::atomic<int> finishedWork{0};
    for (int i = 0; i < 50; ++i)
      jobs.start<int>(JobPolicy::LatestWins, u"slider"_s, u"preview"_s, this,
                      [i, &finishedWork](const RunContext& context) {
                        for (int k = 0; k < 20; ++k) {
                          context.checkpoint();
                          std::this_thread::sleep_for(std::chrono::milliseconds(1));
                        }
                        ++finishedWork;
                        return i;
                      },
                      [&shown](const int& value) { shown.push_back(value); });
    QTRY_VERIFY(jobs.idle());
    QCOMPARE(shown, std::vector<int>{49});
    QVERIFY(finishedWork <= 2);
  }

  void queueKeepsOrder() {
    JobRunner jobs;
    std::vector<int> order;
    for (int i = 0; i < 5; ++i)
      jobs.start<int>(JobPolicy::Queue, u"runs"_s, u"run"_s, this, [i](const RunContext&) { return i; }, [&order](const int& v) { order.push_back(v); });
    QTRY_VERIFY(jobs.idle());
    QCOMPARE(order, (std::vector<int>{0, 1, 2, 3, 4}));
  }

  void exclusiveRefusesASecond() {
    JobRunner jobs;
    std::atomic<bool> go{false};
    const auto work = [&go](const RunContext&) {
      while (!go) std::this_thread::yield();
      return 1;
    };
    QVERIFY(jobs.start<int>(JobPolicy::Exclusive, u"x"_s, {}, this, work, [](const int&) {}) != 0);
    QCOMPARE(jobs.start<int>(JobPolicy::Exclusive, u"x"_s, {}, this, work, [](const int&) {}), 0);
    go = true;
    QTRY_VERIFY(jobs.idle());
  }

  void cancelStopsWithinABatchAndIsNoError() {
    JobRunner jobs;
    bool done = false, failed = false;
    QSignalSpy spy(&jobs, &JobRunner::jobChanged);
    const int id = jobs.start<int>(JobPolicy::Queue, u"x"_s, u"long"_s, this,
                                   [](const RunContext& context) {
                                     for (;;) {
                                       context.checkpoint();
                                       std::this_thread::sleep_for(std::chrono::milliseconds(1));
                                     }
                                     return 0;
                                   },
                                   [&done](const int&) { done = true; }, [&failed](const Error&) { failed = true; });
    QTest::qWait(20);
    jobs.cancel(id);
    QTRY_VERIFY_WITH_TIMEOUT(jobs.idle(), 1000);
    QVERIFY(!done && !failed);
    QCOMPARE(spy.last().first().value<JobState>().status, JobStatus::Cancelled);
  }

  void errorsComeHomeWithTheirCode() {
    JobRunner jobs;
    std::string code;
    jobs.start<int>(JobPolicy::Queue, u"x"_s, {}, this, [](const RunContext&) -> int { throw Error("LAC-2001", "no memory"); }, [](const int&) {},
                    [&code](const Error& e) { code = e.code(); });
    QTRY_COMPARE(code, std::string("LAC-2001"));
  }

  void progressIsThrottledButTheLastTickArrives() {
    JobRunner jobs;
    QSignalSpy spy(&jobs, &JobRunner::jobChanged);
    jobs.start<int>(JobPolicy::Queue, u"x"_s, {}, this,
                    [](const RunContext& context) {
                      for (std::uint64_t i = 1; i <= 2000; ++i) context.report("work", i, 2000);
                      return 0;
                    },
                    [](const int&) {});
    QTRY_VERIFY(jobs.idle());
    QVERIFY(spy.count() < 50);
    QCOMPARE(spy.last().first().value<JobState>().done, quint64(2000));
  }

  void aLateResultNeverReachesADeadOwner() {
    JobRunner jobs;
    bool done = false;
    auto owner = std::make_unique<QObject>();
    jobs.start<int>(JobPolicy::Queue, u"x"_s, {}, owner.get(), [](const RunContext&) { return 1; }, [&done](const int&) { done = true; });
    owner.reset();
    QTRY_VERIFY(jobs.idle());
    QVERIFY(!done);
  }

  void fiftySliderMovesGiveOnePreviewAndNoRun() {
    auto session = std::make_shared<test::FakeSession>();
    StudyContext study(session);
    JobRunner jobs;
    PanelViewModel model(study, jobs);
    PanelView panel(model);
    QSignalSpy shown(&model, &PanelViewModel::previewChanged);
    for (int i = 0; i < 50; ++i) {
      panel.epsilon()->slider()->setValue(20 + i);
      QTest::qWait(2);
    }
    QTRY_COMPARE(shown.count(), 1);
    QTRY_VERIFY(jobs.idle());
    QTest::qWait(200);
    QCOMPARE(shown.count(), 1);
    QCOMPARE(session->runs.load(), 0);
    QCOMPARE(model.parameters().epsilon, 0.69);
    QVERIFY(qAbs(model.previewResult().tasks.front().ace - 0.2 * 0.69) < 1e-12);
    QVERIFY(panel.previewText().contains(u"n = 64, not saved"_s));
    QVERIFY(!panel.previewText().contains(u"p ="_s));
  }

  void tauMovesTheLiveCount() {
    auto session = std::make_shared<test::FakeSession>();
    StudyContext study(session);
    JobRunner jobs;
    PanelViewModel model(study, jobs);
    PanelView panel(model);
    model.setLive(false);
    model.setMethod(u"mean"_s);
    panel.tau()->setValue(0.5);
    QVERIFY2(panel.selectionText().startsWith(u"|S| = 74 of 512"_s), qPrintable(panel.selectionText()));
  }

  void runIsStoredOnceAndThenShown() {
    auto session = std::make_shared<test::FakeSession>();
    StudyContext study(session);
    JobRunner jobs;
    PanelViewModel model(study, jobs);
    model.setLive(false);
    model.setEpsilon(0.33);
    QSignalSpy stored(&model, &PanelViewModel::runStored);
    model.run();
    QTRY_COMPARE(stored.count(), 1);
    QCOMPARE(session->runs.load(), 1);
    QCOMPARE(study.results().runs.size(), std::size_t(85));
    QCOMPARE(study.selection().run(), std::int64_t(85));
    QVERIFY(model.runText().contains(u"#85"_s));
    model.run();
    QCOMPARE(session->runs.load(), 1);
  }

  void failureIsShownInPlaceWithItsCode() {
    auto session = std::make_shared<test::FakeSession>();
    session->failure = "LAC-2001";
    StudyContext study(session);
    JobRunner jobs;
    PanelViewModel model(study, jobs);
    QSignalSpy failed(&model, &PanelViewModel::failed);
    model.preview();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.first().first().toString().startsWith(u"LAC-2001"_s));
    QVERIFY(!model.live());
  }
};

QTEST_MAIN(JobsTest)
#include "jobs_test.moc"
