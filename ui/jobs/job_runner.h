#pragma once

#include <QDateTime>
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <stop_token>

#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"

namespace lacuna::ui {

/// LatestWins: a new job stops the one before and its result is never shown (sliders). Queue: one after another (runs).
/// Exclusive: refused while one of the channel runs (exports).
enum class JobPolicy { LatestWins, Queue, Exclusive };
enum class JobStatus { Queued, Running, Done, Cancelled, Failed };

struct JobState {
  int id = 0;
  QString title, stage;
  quint64 done = 0, total = 0;
  qint64 startedMs = 0;               ///< since epoch; 0 while queued
  JobStatus status = JobStatus::Queued;
  bool quiet = false;                 ///< previews: not listed among the jobs
  /// Seconds left, from the share done; negative while it cannot be told (below 5 % or 3 s).
  double secondsLeft(qint64 nowMs) const;
};

/// The only bridge between the engine and the window: runs an engine call on a worker, brings its immutable result home by a queued
/// call, throttles progress to 20 Hz with a guaranteed last tick. One of the two places that catch lacuna::Error.
class JobRunner : public QObject {
  Q_OBJECT
 public:
  explicit JobRunner(QObject* parent = nullptr);
  ~JobRunner() override;              ///< asks all jobs to stop and waits for them

  /// `done` and `failed` run on the thread of this object, and only while `owner` lives. 0: refused (Exclusive).
  template <class T>
  int start(JobPolicy policy, const QString& channel, const QString& title, QObject* owner, std::function<T(const RunContext&)> work,
            std::function<void(const T&)> done, std::function<void(const Error&)> failed = {}) {
    auto result = std::make_shared<std::unique_ptr<T>>();
    return submit(policy, channel, title, owner,
                  [work = std::move(work), result](const RunContext& context) { *result = std::make_unique<T>(work(context)); },
                  [done = std::move(done), result] { done(**result); }, std::move(failed));
  }
  void cancel(int job);
  void cancelAll();
  bool idle() const { return m_jobs.isEmpty(); }
  QList<JobState> states() const;

 Q_SIGNALS:
  void jobChanged(const lacuna::ui::JobState& state);
  void idleChanged();

 private:
  struct Job;
  using Work = std::function<void(const RunContext&)>;
  int submit(JobPolicy policy, const QString& channel, const QString& title, QObject* owner, Work work, std::function<void()> done,
             std::function<void(const Error&)> failed);
  void launch(const std::shared_ptr<Job>& job);
  void finish(const std::shared_ptr<Job>& job, std::shared_ptr<const Error> error, bool cancelled);
  void launchNext(const QString& channel);

  QThreadPool m_pool;
  QHash<int, std::shared_ptr<Job>> m_jobs;
  QList<std::shared_ptr<Job>> m_waiting;
  int m_lastId = 0;
};

}  // namespace lacuna::ui
