#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QTimer>
#include <optional>

#include "jobs/job_runner.h"
#include "lacuna/study/looks.h"

namespace lacuna::ui {

/// What is said under an input.
struct InputLine {
  enum class Kind { Busy, Good, Note, Problem };
  Kind kind = Kind::Good;
  QString text;
};

/// A study that has yet to be made, without widgets: its inputs, what was found at each (looked at 200 ms after the last change, on a
/// worker, the newest look wins), and the spec they make.
class NewStudyViewModel : public QObject {
  Q_OBJECT
 public:
  struct Task {
    QString file;
    int shots = 0;
    std::optional<study::TaskLook> look;
  };

  explicit NewStudyViewModel(JobRunner& jobs, QObject* parent = nullptr);

  const QString& model() const { return m_model.path; }
  const QString& corpus() const { return m_corpus.path; }
  const QString& encoderFolder() const { return m_encoder.path; }
  const QString& textField() const { return m_textField; }
  const QString& encoder() const { return m_encoderKind; }
  const QString& method() const { return m_method; }
  const QString& field() const { return m_field; }
  const QString& dtype() const { return m_dtype; }
  const QString& file() const { return m_file; }
  int clusterCount() const { return m_clusters; }
  const QList<Task>& tasks() const { return m_tasks; }
  QStringList fields() const;                    ///< metadata of the corpus
  QStringList sampleRows() const;

  void setModel(const QString& folder);
  void setCorpus(const QString& path);
  void setTextField(const QString& field);       ///< empty: found by itself
  void setEncoder(const QString& kind);          ///< "tfidf", "sentence-encoder", "model"
  void setEncoderFolder(const QString& folder);
  void setMethod(const QString& method);         ///< "kmeans", "metadata"
  void setField(const QString& field);
  void setClusterCount(int k);
  void setDtype(const QString& dtype);
  void setFile(const QString& file);
  void addTask(const QString& file);
  void removeTask(int place);
  void setShots(int place, int shots);
  /// A dropped path goes where it belongs: model, encoder, task or corpus, by content.
  void take(const QString& path);

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
  template <class SomeLook> struct Input {
    QString path;
    std::optional<SomeLook> look;
    QTimer due;
  };
  template <class SomeLook> void setPath(Input<SomeLook>& input, const QString& path);
  template <class SomeLook>
  void look(Input<SomeLook>& input, const QString& channel, std::function<SomeLook(const std::filesystem::path&, const RunContext&)> work);
  void lookAtTask(const QString& file);
  void say() { Q_EMIT changed(); }

  JobRunner& m_jobs;
  Input<study::ModelLook> m_model, m_encoder;
  Input<study::CorpusLook> m_corpus;
  QString m_textField, m_encoderKind, m_method, m_field, m_dtype, m_file;
  int m_clusters = 8;
  QList<Task> m_tasks;
};

}  // namespace lacuna::ui
