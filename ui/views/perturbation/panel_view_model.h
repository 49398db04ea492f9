#pragma once

#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include "jobs/job_runner.h"
#include "selection/study_context.h"

namespace lacuna::ui {

/// The perturbation panel without widgets: parameters, live |S|, the preview loop (150 ms after the last change, superseded by a newer
/// one, n = 64, never stored) and runs (stored).
class PanelViewModel : public QObject {
  Q_OBJECT
 public:
  static constexpr std::int64_t previewItems = 64;

  PanelViewModel(StudyContext& study, JobRunner& jobs, QObject* parent = nullptr);

  const study::PanelParameters& parameters() const { return m_parameters; }
  void setCluster(ClusterId cluster);
  void setMethod(const QString& method);
  void setLayer(LayerIndex layer);
  void setTauRule(const QString& rule);
  void setTau(double tau);
  void setEpsilon(double epsilon);              ///< or δ, at an equal dose
  void setEqualDose(bool equal);
  void switchDose(bool equal);                  ///< and takes the largest dose of that kind that was run: a number does not carry over
  void setSeed(std::uint64_t seed);
  void setTasks(std::vector<std::string> tasks);

  bool live() const { return m_live; }
  void setLive(bool live);
  void preview();                               ///< now, whether live or not
  void run();
  void tune();                                  ///< the largest strength that keeps the selection's loss budget on unrelated data; stored

  void runPairs();                              ///< every two clusters together; stored

  std::int64_t selected() const { return m_selected; }
  std::int64_t width() const { return m_width; }
  QString selectionText() const;                ///< "|S| = 37 of 512 (7.2 %)", or what to do when it is empty
  bool selectionWarns() const;
  QString costText() const;                     ///< under the Run button
  QString runText() const;                      ///< "Run", or "Show run #31"
  bool canRun() const;
  bool previewFresh() const { return m_previewFresh; }
  const study::PreviewResult& previewResult() const { return m_preview; }
  std::vector<double> strengthsRun() const;     ///< doses of stored runs of this cluster and method, of the panel's kind
  QStringList methods() const;                  ///< of the spec, then the recipes that were run
  QString tauReason() const;                    ///< why the slider of τ does not apply; empty: it does
  std::vector<LayerIndex> layers() const;
  StudyContext& study() const { return m_study; }

  QJsonObject state() const;
  void restore(const QJsonObject& state);

 Q_SIGNALS:
  void changed();                               ///< parameters, |S| or cost
  void previewChanged();
  void runStored(std::int64_t run);
  void failed(const QString& text);             ///< with its code; shown in place

 private:
  void touched();
  void firstParameters();
  void updateSelected();
  const study::ProbeRow* probe() const;         ///< at the panel's layer; null: none
  bool hasTarget() const;                       ///< something would be edited

  StudyContext& m_study;
  JobRunner& m_jobs;
  study::PanelParameters m_parameters;
  study::PreviewResult m_preview;
  std::int64_t m_selected = 0, m_width = 0;
  bool m_live = true, m_previewFresh = false;
  QTimer m_debounce;
};

QString errorText(const Error& error);          ///< "LAC-2003 · message hint"

}  // namespace lacuna::ui
