#include "jobs/job_runner.h"

#include <chrono>

namespace lacuna::ui {

using Clock = std::chrono::steady_clock;

struct JobRunner::Job {
  JobState state;
  JobPolicy policy = JobPolicy::Queue;
  QString channel;
  QPointer<QObject> owner;
  Work work;
  std::function<void()> done;
  std::function<void(const Error&)> failed;
  std::stop_source stop;
  bool superseded = false;
};

double JobState::secondsLeft(qint64 nowMs) const {
  const double elapsed = static_cast<double>(nowMs - startedMs) / 1000;
  if (status != JobStatus::Running || total == 0 || done == 0) return -1;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  if (share < 0.05 && elapsed < 3) return -1;
  return elapsed * (1 - share) / share;
}

JobRunner::JobRunner(QObject* parent) : QObject(parent) {
  m_pool.setMaxThreadCount(4);  // jobs mostly wait for the engine's own threads
}

JobRunner::~JobRunner() {
  m_waiting.clear();
  for (const auto& job : std::as_const(m_jobs)) job->stop.request_stop();
  m_pool.waitForDone();
}

int JobRunner::submit(JobPolicy policy, const QString& channel, const QString& title, QObject* owner, Work work,
                      std::function<void()> done, std::function<void(const Error&)> failed) {
  bool busy = false;
  for (const auto& other : std::as_const(m_jobs)) {
    if (other->channel != channel) continue;
    if (policy == JobPolicy::Exclusive) return 0;
    if (policy == JobPolicy::LatestWins) {
      other->superseded = true;
      other->stop.request_stop();
      m_waiting.removeOne(other);
    }
    busy = busy || other->state.status == JobStatus::Running;
  }
  const bool wasIdle = idle();
  if (policy == JobPolicy::LatestWins)
    m_jobs.removeIf([&](auto it) { return it.value()->channel == channel && it.value()->state.status == JobStatus::Queued; });
  auto job = std::make_shared<Job>();
  job->state.id = ++m_lastId;
  job->state.title = title;
  job->state.quiet = policy == JobPolicy::LatestWins;
  job->policy = policy;
  job->channel = channel;
  job->owner = owner;
  job->work = std::move(work);
  job->done = std::move(done);
  job->failed = std::move(failed);
  m_jobs.insert(job->state.id, job);
  if (busy) m_waiting.append(job);
  else launch(job);
  Q_EMIT jobChanged(job->state);
  if (wasIdle) Q_EMIT idleChanged();
  return job->state.id;
}

void JobRunner::launch(const std::shared_ptr<Job>& job) {
  job->state.status = JobStatus::Running;
  job->state.startedMs = QDateTime::currentMSecsSinceEpoch();
  m_pool.start([this, job] {
    RunContext context;
    context.stop = job->stop.get_token();
    auto last = std::make_shared<Clock::time_point>();
    context.progress = [this, job, last](const Progress& progress) {
      const bool finalTick = progress.total > 0 && progress.done >= progress.total;
      if (const auto now = Clock::now(); now - *last >= std::chrono::milliseconds(50) || finalTick) *last = now;
      else return;
      QMetaObject::invokeMethod(this, [this, job, progress] {
        job->state.stage = QString::fromStdString(progress.stage);
        job->state.done = progress.done;
        job->state.total = progress.total;
        if (job->state.status == JobStatus::Running) Q_EMIT jobChanged(job->state);
      }, Qt::QueuedConnection);
    };
    std::shared_ptr<const Error> error;
    bool cancelled = false;
    try {
      context.checkpoint();
      job->work(context);
    } catch (const Cancelled&) {
      cancelled = true;
    } catch (const Error& e) {
      error = std::make_shared<Error>(e);
    } catch (const std::exception& e) {
      error = std::make_shared<Error>("LAC-9001", e.what(), "This is a fault of the program; please report it with the log");
    }
    QMetaObject::invokeMethod(this, [this, job, error, cancelled] { finish(job, error, cancelled); }, Qt::QueuedConnection);
  });
}

void JobRunner::finish(const std::shared_ptr<Job>& job, std::shared_ptr<const Error> error, bool cancelled) {
  m_jobs.remove(job->state.id);
  job->state.status = cancelled || job->superseded ? JobStatus::Cancelled : error ? JobStatus::Failed : JobStatus::Done;
  Q_EMIT jobChanged(job->state);
  launchNext(job->channel);
  if (job->owner) {
    if (job->state.status == JobStatus::Done) job->done();
    else if (job->state.status == JobStatus::Failed && job->failed) job->failed(*error);
  }
  if (idle()) Q_EMIT idleChanged();
}

void JobRunner::launchNext(const QString& channel) {
  for (qsizetype i = 0; i < m_waiting.size(); ++i)
    if (m_waiting[i]->channel == channel) return launch(m_waiting.takeAt(i));
}

void JobRunner::cancel(int id) {
  const auto job = m_jobs.value(id);
  if (!job) return;
  job->stop.request_stop();
  if (m_waiting.removeOne(job)) finish(job, nullptr, true);
}

void JobRunner::cancelAll() {
  for (const int id : m_jobs.keys()) cancel(id);
}

QList<JobState> JobRunner::states() const {
  QList<JobState> out;
  for (const auto& job : m_jobs) out << job->state;
  return out;
}

}  // namespace lacuna::ui
