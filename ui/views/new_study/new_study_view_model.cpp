#include "views/new_study/new_study_view_model.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>

#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

using Kind = InputLine::Kind;

QString bytes(std::uint64_t size) { return QLocale().formattedDataSize(static_cast<qint64>(size), 1, QLocale::DataSizeIecFormat); }

/// Problems with their way out, then at most three warnings.
QList<InputLine> linesOf(const study::Look& look) {
  QList<InputLine> lines;
  for (const Error& problem : look.problems)
    lines << InputLine{Kind::Problem, u"%1: %2%3"_s.arg(qs(problem.code()), qs(problem.message()), problem.hint().empty() ? QString() : u"\n     → "_s + qs(problem.hint()))};
  for (std::size_t i = 0; i < std::min<std::size_t>(look.warnings.size(), 3); ++i) lines << InputLine{Kind::Note, qs(look.warnings[i])};
  if (look.warnings.size() > 3)
    lines << InputLine{Kind::Note, NewStudyViewModel::tr("and %n more", nullptr, static_cast<int>(look.warnings.size()) - 3)};
  return lines;
}

std::filesystem::path toPath(const QString& path) { return path.toStdString(); }

}  // namespace

NewStudyViewModel::NewStudyViewModel(JobRunner& jobs, QObject* parent)
    : QObject(parent), m_jobs(jobs), m_encoderKind(u"tfidf"_s), m_method(u"kmeans"_s), m_field(u"source"_s), m_dtype(u"fp32"_s) {
  for (QTimer* due : {&m_model.due, &m_encoder.due, &m_corpus.due}) {
    due->setSingleShot(true);
    due->setInterval(200);
  }
  connect(&m_model.due, &QTimer::timeout, this, [this] { look<study::ModelLook>(m_model, u"look.model"_s, study::lookAtModel); });
  connect(&m_encoder.due, &QTimer::timeout, this, [this] { look<study::ModelLook>(m_encoder, u"look.encoder"_s, study::lookAtEncoder); });
  connect(&m_corpus.due, &QTimer::timeout, this, [this] {
    look<study::CorpusLook>(m_corpus, u"look.corpus"_s, [field = m_textField.toStdString()](const std::filesystem::path& path, const RunContext& context) {
      return study::lookAtCorpus(path, field, context);
    });
  });
}

template <class SomeLook>
void NewStudyViewModel::setPath(Input<SomeLook>& input, const QString& path) {
  if (input.path == path) return;
  input.path = path;
  input.look.reset();
  if (path.isEmpty()) input.due.stop();
  else input.due.start();
  say();
}

template <class SomeLook>
void NewStudyViewModel::look(Input<SomeLook>& input, const QString& channel,
                             std::function<SomeLook(const std::filesystem::path&, const RunContext&)> work) {
  m_jobs.start<SomeLook>(
      JobPolicy::LatestWins, channel, tr("Looking at %1").arg(input.path), this,
      [work = std::move(work), path = toPath(input.path)](const RunContext& context) { return work(path, context); },
      [this, &input, path = input.path](const SomeLook& found) {
        if (input.path != path) return;
        input.look = found;
        say();
      },
      [this, &input, path = input.path](const Error& error) {
        if (input.path != path) return;
        input.look.emplace();
        input.look->problems.push_back(error);
        say();
      });
}

void NewStudyViewModel::setModel(const QString& folder) { setPath(m_model, folder); }
void NewStudyViewModel::setCorpus(const QString& path) { setPath(m_corpus, path); }
void NewStudyViewModel::setEncoderFolder(const QString& folder) { setPath(m_encoder, folder); }

void NewStudyViewModel::setTextField(const QString& field) {
  if (m_textField == field) return;
  m_textField = field;
  m_corpus.look.reset();
  if (!m_corpus.path.isEmpty()) m_corpus.due.start();
  say();
}

void NewStudyViewModel::setEncoder(const QString& kind) { m_encoderKind = kind, say(); }
void NewStudyViewModel::setMethod(const QString& method) { m_method = method, say(); }
void NewStudyViewModel::setField(const QString& field) { m_field = field, say(); }
void NewStudyViewModel::setClusterCount(int k) { m_clusters = k, say(); }
void NewStudyViewModel::setDtype(const QString& dtype) { m_dtype = dtype, say(); }
void NewStudyViewModel::setFile(const QString& file) { m_file = file, say(); }

void NewStudyViewModel::addTask(const QString& file) {
  for (const Task& task : std::as_const(m_tasks))
    if (task.file == file) return;
  m_tasks.append({file, 0, {}});
  say();
  lookAtTask(file);
}

void NewStudyViewModel::removeTask(int place) {
  m_tasks.removeAt(place);
  say();
}

void NewStudyViewModel::setShots(int place, int shots) {
  Task& task = m_tasks[place];
  if (task.shots == shots) return;
  task.shots = shots;
  task.look.reset();
  say();
  lookAtTask(task.file);
}

void NewStudyViewModel::lookAtTask(const QString& file) {
  const auto found = std::find_if(m_tasks.begin(), m_tasks.end(), [&](const Task& t) { return t.file == file; });
  if (found == m_tasks.end()) return;
  const auto use = [this, file, shots = found->shots](const study::TaskLook& look) {
    for (Task& task : m_tasks)
      if (task.file == file && task.shots == shots) task.look = look;
    say();
  };
  m_jobs.start<study::TaskLook>(JobPolicy::LatestWins, u"look.task."_s + file, tr("Looking at %1").arg(file), this,
                                [path = toPath(file), shots = found->shots](const RunContext& context) { return study::lookAtTask(path, shots, context); }, use,
                                [use](const Error& error) {
                                  study::TaskLook look;
                                  look.problems.push_back(error);
                                  use(look);
                                });
}

void NewStudyViewModel::take(const QString& path) {
  const std::string kind = study::guessInput(toPath(path));
  const auto now = [&](auto& input) {
    setPath(input, path);
    input.due.start(0);   // nobody is typing
  };
  if (kind == "model") return now(m_model);
  if (kind == "task") return addTask(path);
  if (kind == "corpus") return now(m_corpus);
  if (kind == "encoder") {
    setEncoder(u"sentence-encoder"_s);
    now(m_encoder);
  }
}

QStringList NewStudyViewModel::fields() const {
  QStringList names;
  if (m_corpus.look)
    for (const std::string& field : m_corpus.look->fields) names << qs(field);
  return names;
}

QStringList NewStudyViewModel::sampleRows() const {
  QStringList rows;
  if (m_corpus.look)
    for (const std::string& row : m_corpus.look->rows) rows << qs(row).simplified();
  return rows;
}

QList<InputLine> NewStudyViewModel::modelLines() const {
  if (m_model.path.isEmpty()) return {};
  if (!m_model.look) return {{Kind::Busy, tr("Looking at the folder…")}};
  const study::ModelLook& m = *m_model.look;
  QList<InputLine> lines;
  if (m.parameters > 0) {
    lines << InputLine{Kind::Good, tr("%1 · %2 layers × %3 · %4 parameters, stored as %5").arg(qs(m.architecture)).arg(m.layers).arg(m.width).arg(count(m.parameters), qs(m.dtype))};
    const std::uint64_t needed = m_dtype == "bf16"_L1 ? m.bytesBf16 : m.bytesFp32;
    const bool fits = m.freeBytes == 0 || needed <= m.freeBytes / 5 * 4;
    lines << InputLine{fits ? Kind::Good : Kind::Note, fits ? tr("%1 of memory as %2, %3 are free").arg(bytes(needed), m_dtype, bytes(m.freeBytes))
                                                            : tr("%1 of memory as %2, %3 are free: layers stay in the files and are read in every pass, which is slower").arg(bytes(needed), m_dtype, bytes(m.freeBytes))};
  }
  if (!m.tokenizer.empty()) lines << InputLine{Kind::Good, tr("Tokenizer: %1, %2 tokens").arg(qs(m.tokenizer), count(m.tokens))};
  return lines + linesOf(m);
}

QList<InputLine> NewStudyViewModel::corpusLines() const {
  if (m_corpus.path.isEmpty()) return {};
  if (!m_corpus.look) return {{Kind::Busy, tr("Reading the first rows…")}};
  const study::CorpusLook& c = *m_corpus.look;
  QList<InputLine> lines;
  if (c.documents > 0) {
    const QString read = c.complete ? tr("%n documents", nullptr, static_cast<int>(c.documents)) : tr("first %n rows read", nullptr, static_cast<int>(c.documents));
    lines << InputLine{Kind::Good, tr("%n file(s), %1 · %2", nullptr, static_cast<int>(c.files)).arg(bytes(c.fileBytes), read)};
    lines << InputLine{Kind::Good, m_textField.isEmpty() ? tr("Text field, found by itself: %1").arg(c.textField.empty() ? tr("whole text") : qs(c.textField)) : tr("Text field: %1").arg(qs(c.textField))};
  }
  if (c.bad > 0) lines << InputLine{Kind::Note, tr("%n of these rows cannot be used and are counted", nullptr, static_cast<int>(c.bad))};
  return lines + linesOf(c);
}

QList<InputLine> NewStudyViewModel::encoderLines() const {
  if (m_encoderKind == "model"_L1)
    return {{Kind::Note, tr("Clusters from the model's own states make probes look better than they are; effects on them stay exploratory.")}};
  if (m_encoderKind != "sentence-encoder"_L1 || m_encoder.path.isEmpty()) return {};
  if (!m_encoder.look) return {{Kind::Busy, tr("Looking at the folder…")}};
  QList<InputLine> lines;
  if (m_encoder.look->parameters > 0)
    lines << InputLine{Kind::Good, tr("%1 · %2 layers × %3").arg(qs(m_encoder.look->architecture)).arg(m_encoder.look->layers).arg(m_encoder.look->width)};
  return lines + linesOf(*m_encoder.look);
}

QList<InputLine> NewStudyViewModel::taskLines(int place) const {
  const Task& task = m_tasks[place];
  if (!task.look) return {{Kind::Busy, tr("Reading the task…")}};
  QList<InputLine> lines;
  if (task.look->items > 0) {
    QStringList metrics;
    for (const std::string& metric : task.look->metrics) metrics << qs(metric);
    const QString chance = task.look->chance > 0 ? tr(" · chance %1").arg(number(task.look->chance, 2)) : QString();
    lines << InputLine{Kind::Good, tr("%1 (%2) · %n items · %3%4", nullptr, static_cast<int>(task.look->items)).arg(qs(task.look->name), qs(task.look->format), metrics.join(u", "_s), chance)};
  }
  return lines + linesOf(*task.look);
}

QList<InputLine> NewStudyViewModel::fileLines() const {
  if (m_file.isEmpty()) return {};
  if (QFileInfo::exists(m_file)) return {{Kind::Problem, tr("There is such a file already; a study is never written over.")}};
  if (!QFileInfo(QFileInfo(m_file).absolutePath()).isWritable()) return {{Kind::Note, tr("Its folder does not exist yet, or cannot be written to.")}};
  return {};
}

QString NewStudyViewModel::missing() const {
  const auto open = [](const auto& input) { return !input.look; };
  if (m_model.path.isEmpty()) return tr("Choose a model.");
  if (m_corpus.path.isEmpty()) return tr("Choose a corpus.");
  if (m_encoderKind == "sentence-encoder"_L1 && m_encoder.path.isEmpty()) return tr("Choose the sentence encoder's folder.");
  if (m_tasks.isEmpty()) return tr("Add at least one ability.");
  if (m_file.isEmpty()) return tr("Name the study file.");
  if (open(m_model) || open(m_corpus) || std::any_of(m_tasks.begin(), m_tasks.end(), open)) return tr("Looking…");
  if (!m_model.look->sound()) return tr("The model cannot be used.");
  if (!m_corpus.look->sound()) return tr("The corpus cannot be used.");
  if (m_encoderKind == "sentence-encoder"_L1 && (open(m_encoder) || !m_encoder.look->sound())) return tr("The sentence encoder cannot be used.");
  for (const Task& task : m_tasks)
    if (!task.look->sound()) return tr("%1 cannot be used.").arg(QFileInfo(task.file).fileName());
  return QFileInfo::exists(m_file) ? tr("The study file exists already.") : QString();
}

std::string NewStudyViewModel::spec() const {
  const auto absolute = [](const QString& path) { return QFileInfo(path).absoluteFilePath(); };
  QJsonObject corpus{{u"path"_s, absolute(m_corpus.path)}}, embedding{{u"encoder"_s, m_encoderKind}}, clusters{{u"method"_s, m_method}};
  if (!m_textField.isEmpty()) corpus[u"text_field"_s] = m_textField;
  if (m_encoderKind == "sentence-encoder"_L1) embedding[u"folder"_s] = absolute(m_encoder.path);
  if (m_method == "metadata"_L1) clusters[u"field"_s] = m_field;
  else clusters[u"k"_s] = m_clusters;
  QJsonArray tasks;
  for (const Task& task : m_tasks) {
    QJsonObject entry{{u"file"_s, absolute(task.file)}};
    if (task.shots > 0) entry[u"shots"_s] = task.shots;
    tasks.append(entry);
  }
  const QJsonArray perturbations{QJsonObject{{u"method"_s, u"mean"_s}}, QJsonObject{{u"method"_s, u"project"_s}}};
  const QJsonObject spec{{u"name"_s, QFileInfo(m_file).completeBaseName()}, {u"model"_s, absolute(m_model.path)}, {u"dtype"_s, m_dtype}, {u"corpus"_s, corpus},
                         {u"embedding"_s, embedding}, {u"clusters"_s, clusters}, {u"tasks"_s, tasks}, {u"perturbations"_s, perturbations}};
  return QJsonDocument(spec).toJson().toStdString();
}

}  // namespace lacuna::ui
