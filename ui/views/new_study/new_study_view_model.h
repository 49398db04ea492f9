#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QString>
#include <QTimer>
#include <optional>

#include "jobs/job_runner.h"
#include "lacuna/study/looks.h"
#include "views/new_study/cluster_setup_view_model.h"
#include "views/new_study/corpus_setup_view_model.h"
#include "views/new_study/embedding_setup_view_model.h"
#include "views/new_study/input_line.h"

namespace lacuna::ui {

/// A study that has yet to be made, without widgets: its inputs, what was found at each (looked at 200 ms after the last change, on a
/// worker, the newest look wins), and the spec they make. What of a spec has no place on the page stays as it was there.
class NewStudyViewModel : public QObject {
  Q_OBJECT
 public:
  struct Task {
    QString file;
    int shots = 0;
    std::optional<study::TaskLook> look;
    QJsonObject rest = {};                         ///< what a spec says of it beside these
  };

  explicit NewStudyViewModel(JobRunner& jobs, QObject* parent = nullptr);

  const QString& model() const { return m_model.path; }
  const QString& corpus() const { return m_corpus.path; }
  const QStringList& moreCorpora() const { return m_more; }       ///< further files and folders of the corpus
  const QString& encoderFolder() const { return m_encoder.path; }
  const QString& dtype() const { return m_dtype; }
  const QString& file() const { return m_file; }
  const QList<Task>& tasks() const { return m_tasks; }
  QStringList sampleRows() const;
  CorpusSetup& corpusSetup() { return *m_corpusSetup; }
  EmbeddingSetup& embeddingSetup() { return *m_embeddingSetup; }
  ClusterSetup& clusterSetup() { return *m_clusterSetup; }

  void setModel(const QString& folder);
  void setCorpus(const QString& path);
  void addCorpus(const QString& path);
  void removeCorpus(int place);                  ///< of the further ones
  void setEncoderFolder(const QString& folder);
  void setDtype(const QString& dtype);
  void setFile(const QString& file);
  void addTask(const QString& file);
  void removeTask(int place);
  void setShots(int place, int shots);
  /// A dropped path goes where it belongs: model, encoder, task or corpus, by content.
  void take(const QString& path);
  /// Everything as in a study file or a spec file, read on a worker.
  void startFrom(const QString& file);
  void load(const QJsonObject& spec);            ///< absolute paths

  QList<InputLine> startLines() const;           ///< of startFrom
  QList<InputLine> modelLines() const;
  QList<InputLine> corpusLines() const;
  QList<InputLine> encoderLines() const;
  QList<InputLine> taskLines(int place) const;
  QList<InputLine> fileLines() const;
  QString missing() const;                       ///< what keeps the study from being made; empty: nothing
  std::string spec() const;                      ///< JSON, absolute paths

 Q_SIGNALS:
  void changed();

 private:
  QString encoderMissing() const;
  template <class SomeLook> struct Input {
    QString path;
    std::optional<SomeLook> look;
    QTimer due;
  };
  template <class SomeLook> void setPath(Input<SomeLook>& input, const QString& path);
  template <class SomeLook>
  void look(Input<SomeLook>& input, const QString& channel, std::function<SomeLook(const std::filesystem::path&, const RunContext&)> work);
  void lookAtTask(const QString& file);
  void corpusChanged();
  void lookAtCorpusAgain();
  void countPassing();
  QStringList uncounted();                       ///< expressions of which it is not known how many rows they want
  void setTasks(const QJsonArray& tasks);
  void say() { Q_EMIT changed(); }

  JobRunner& m_jobs;
  Input<study::ModelLook> m_model, m_encoder;
  Input<study::CorpusLook> m_corpus;
  CorpusSetup* m_corpusSetup;
  EmbeddingSetup* m_embeddingSetup;
  ClusterSetup* m_clusterSetup;
  QString m_lookedField, m_lookedUnit;           ///< with which the corpus was looked at
  QStringList m_more;
  QString m_dtype, m_file;
  QList<Task> m_tasks;
  QTimer m_countDue;
  QJsonObject m_base;                            ///< the spec that was started from
  QList<InputLine> m_start;
};

}  // namespace lacuna::ui
