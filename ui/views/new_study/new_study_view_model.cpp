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
    : QObject(parent), m_jobs(jobs), m_corpusSetup(new CorpusSetup(this)), m_embeddingSetup(new EmbeddingSetup(this)),
      m_clusterSetup(new ClusterSetup(m_corpusSetup, this)), m_lookedUnit(u"file"_s), m_dtype(u"fp32"_s) {
  for (QTimer* due : {&m_model.due, &m_encoder.due, &m_corpus.due, &m_countDue}) {
    due->setSingleShot(true);
    due->setInterval(200);
  }
  connect(&m_model.due, &QTimer::timeout, this, [this] { look<study::ModelLook>(m_model, u"look.model"_s, study::lookAtModel); });
  connect(&m_encoder.due, &QTimer::timeout, this, [this] { look<study::ModelLook>(m_encoder, u"look.encoder"_s, study::lookAtEncoder); });
  connect(&m_corpus.due, &QTimer::timeout, this, [this] {
    study::CorpusInput input{{toPath(m_corpus.path)}, m_lookedField.toStdString(), m_lookedUnit.toStdString()};
    for (const QString& path : std::as_const(m_more)) input.paths.push_back(toPath(path));
    look<study::CorpusLook>(m_corpus, u"look.corpus"_s, [input](const std::filesystem::path&, const RunContext& context) { return study::lookAtCorpus(input, context); });
  });
  connect(&m_countDue, &QTimer::timeout, this, &NewStudyViewModel::countPassing);
  connect(m_corpusSetup, &SetupSection::changed, this, &NewStudyViewModel::corpusChanged);
  for (const SetupSection* section : {static_cast<SetupSection*>(m_embeddingSetup), static_cast<SetupSection*>(m_clusterSetup)})
    connect(section, &SetupSection::changed, this, [this] {
      m_countDue.start();
      say();
    });
}

template <class SomeLook>
void NewStudyViewModel::setPath(Input<SomeLook>& input, const QString& path) {
  if (input.path == path) return;
  input.path = path;
  input.look.reset();
  if constexpr (std::is_same_v<SomeLook, study::CorpusLook>) m_corpusSetup->setLook(nullptr);
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
        if constexpr (std::is_same_v<SomeLook, study::CorpusLook>) m_corpusSetup->setLook(std::make_shared<const study::CorpusLook>(found)), m_countDue.start(0);
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

/// Another text field, or another unit of documents, is another look.
void NewStudyViewModel::corpusChanged() {
  const QString field = m_corpusSetup->text(u"text_field"_s).trimmed(), unit = m_corpusSetup->text(u"text_unit"_s);
  if (std::exchange(m_lookedField, field) != field || std::exchange(m_lookedUnit, unit) != unit) lookAtCorpusAgain();
  m_countDue.start();
  say();
}

void NewStudyViewModel::lookAtCorpusAgain() {
  m_corpus.look.reset();
  if (!m_corpus.path.isEmpty()) m_corpus.due.start();
}

QStringList NewStudyViewModel::uncounted() {
  QStringList expressions{m_corpusSetup->text(u"filter"_s)};
  if (m_clusterSetup->shows(u"filters"_s))
    for (const ClusterSetup::Named& filter : m_clusterSetup->filters()) expressions << filter.where;
  expressions.removeIf([this](const QString& expression) {
    return expression.trimmed().isEmpty() || m_corpusSetup->counts(expression) || !m_corpusSetup->stateOf(expression).sound();
  });
  expressions.removeDuplicates();
  return expressions;
}

void NewStudyViewModel::countPassing() {
  const QStringList asked = uncounted();
  if (asked.isEmpty() || !m_corpus.look || !m_corpus.look->kept) return;
  std::vector<std::string> filters;
  for (const QString& expression : asked) filters.push_back(expression.toStdString());
  using Counts = std::vector<std::int64_t>;
  m_jobs.start<Counts>(JobPolicy::LatestWins, u"look.filter"_s, tr("Counting rows that pass"), this,
                       [look = *m_corpus.look, filters](const RunContext& context) { return study::rowsPassing(look, filters, context); },
                       [this, asked, of = m_corpus.look->kept](const Counts& counts) {
                         if (!m_corpus.look || m_corpus.look->kept != of) return;
                         QHash<QString, qint64> passing;
                         for (qsizetype i = 0; i < asked.size(); ++i) passing[asked[i]] = counts[static_cast<std::size_t>(i)];
                         m_corpusSetup->setPassing(passing);
                       });
}

void NewStudyViewModel::addCorpus(const QString& path) {
  if (m_corpus.path.isEmpty()) return setCorpus(path);
  if (m_more.contains(path) || path == m_corpus.path) return;
  m_more << path;
  lookAtCorpusAgain();
  say();
}

void NewStudyViewModel::removeCorpus(int place) {
  m_more.removeAt(place);
  lookAtCorpusAgain();
  say();
}

void NewStudyViewModel::setDtype(const QString& dtype) { m_dtype = dtype, say(); }
void NewStudyViewModel::setFile(const QString& file) { m_file = file, say(); }

void NewStudyViewModel::addTask(const QString& file) {
  for (const Task& task : std::as_const(m_tasks))
    if (task.file == file) return;
  m_tasks.append({file, 0, {}});
  m_corpusSetup->setHasTasks(true);
  say();
  lookAtTask(file);
}

void NewStudyViewModel::removeTask(int place) {
  m_tasks.removeAt(place);
  m_corpusSetup->setHasTasks(!m_tasks.isEmpty());
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
    m_embeddingSetup->set(u"encoder"_s, u"sentence-encoder"_s);
    now(m_encoder);
  }
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
    lines << InputLine{Kind::Good, m_lookedField.isEmpty() ? tr("Text field, found by itself: %1").arg(c.textField.empty() ? tr("whole text") : qs(c.textField)) : tr("Text field: %1").arg(qs(c.textField))};
  }
  if (c.bad > 0) lines << InputLine{Kind::Note, tr("%n of these rows cannot be used and are counted", nullptr, static_cast<int>(c.bad))};
  return lines + linesOf(c);
}

QList<InputLine> NewStudyViewModel::encoderLines() const {
  if (m_embeddingSetup->encoder() == "model"_L1)
    return {{Kind::Note, tr("Clusters from the model's own states make probes look better than they are; effects on them stay exploratory.")}};
  if (!m_embeddingSetup->needsFolder() || m_encoder.path.isEmpty()) return {};
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

QString NewStudyViewModel::encoderMissing() const {
  if (!m_embeddingSetup->needsFolder()) return {};
  if (!m_encoder.look) return tr("Looking…");
  if (!m_encoder.look->sound()) return tr("The encoder cannot be used.");
  const bool pictures = m_encoder.look->role == "vision encoder";
  if (pictures == m_embeddingSetup->readsPictures()) return {};
  return pictures ? tr("This encoder reads pictures: choose a sentence encoder.") : tr("This encoder reads texts: choose a DINOv2 folder.");
}

QString NewStudyViewModel::missing() const {
  const auto open = [](const auto& input) { return !input.look; };
  if (m_model.path.isEmpty()) return tr("Choose a model.");
  if (m_corpus.path.isEmpty()) return tr("Choose a corpus.");
  if (m_embeddingSetup->needsFolder() && m_encoder.path.isEmpty()) return tr("Choose the encoder's folder.");
  if (m_tasks.isEmpty()) return tr("Add at least one ability.");
  if (m_file.isEmpty()) return tr("Name the study file.");
  if (open(m_model) || open(m_corpus) || std::any_of(m_tasks.begin(), m_tasks.end(), open)) return tr("Looking…");
  if (!m_model.look->sound()) return tr("The model cannot be used.");
  if (!m_corpus.look->sound()) return tr("The corpus cannot be used.");
  if (const QString wrong = encoderMissing(); !wrong.isEmpty()) return wrong;
  if (const QString wrong = m_corpusSetup->missing(); !wrong.isEmpty()) return wrong;
  if (const QString wrong = m_clusterSetup->missing(); !wrong.isEmpty()) return wrong;
  for (const Task& task : m_tasks)
    if (!task.look->sound()) return tr("%1 cannot be used.").arg(QFileInfo(task.file).fileName());
  return QFileInfo::exists(m_file) ? tr("The study file exists already.") : QString();
}

std::string NewStudyViewModel::spec() const {
  const auto absolute = [](const QString& path) { return QFileInfo(path).absoluteFilePath(); };
  QJsonObject spec = m_base, corpus = m_corpusSetup->json(), embedding = m_embeddingSetup->json();
  corpus[u"path"_s] = absolute(m_corpus.path);
  if (!m_more.isEmpty()) {
    QJsonArray paths{absolute(m_corpus.path)};
    for (const QString& path : m_more) paths.append(absolute(path));
    corpus[u"path"_s] = paths;
  }
  if (m_embeddingSetup->needsFolder()) embedding[u"folder"_s] = absolute(m_encoder.path);
  QJsonArray tasks;
  for (const Task& task : m_tasks) {
    QJsonObject entry = task.rest;
    entry[u"file"_s] = absolute(task.file);
    entry[u"shots"_s] = task.shots;
    tasks.append(entry);
  }
  if (!spec.contains(u"perturbations"_s)) spec[u"perturbations"_s] = QJsonArray{QJsonObject{{u"method"_s, u"mean"_s}}, QJsonObject{{u"method"_s, u"project"_s}}};
  spec[u"name"_s] = QFileInfo(m_file).completeBaseName();
  spec[u"model"_s] = absolute(m_model.path);
  spec[u"dtype"_s] = m_dtype;
  spec[u"corpus"_s] = corpus;
  spec[u"embedding"_s] = embedding;
  spec[u"clusters"_s] = m_clusterSetup->json();
  spec[u"tasks"_s] = tasks;
  return QJsonDocument(spec).toJson().toStdString();
}

void NewStudyViewModel::startFrom(const QString& file) {
  m_start = {{Kind::Busy, tr("Reading %1…").arg(file)}};
  say();
  m_jobs.start<std::string>(JobPolicy::LatestWins, u"look.start"_s, tr("Reading %1").arg(file), this,
                            [path = toPath(file)](const RunContext&) { return study::specOf(path); },
                            [this, file](const std::string& spec) {
                              m_start = {{Kind::Good, tr("As in %1, with all that this page does not show (probes, perturbations, statistics). Name the new study below.").arg(QFileInfo(file).fileName())}};
                              load(QJsonDocument::fromJson(QByteArray::fromStdString(spec)).object());
                            },
                            [this](const Error& error) {
                              study::Look look;
                              look.problems.push_back(error);
                              m_start = linesOf(look);
                              say();
                            });
}

void NewStudyViewModel::load(const QJsonObject& spec) {
  m_base = spec;
  const QJsonObject corpus = spec[u"corpus"_s].toObject(), embedding = spec[u"embedding"_s].toObject();
  QStringList paths;
  for (const QJsonValue& path : corpus[u"path"_s].toArray()) paths << path.toString();
  if (paths.isEmpty()) paths << corpus[u"path"_s].toString();
  m_dtype = spec[u"dtype"_s].toString(u"fp32"_s);
  m_corpusSetup->load(corpus);
  m_embeddingSetup->load(embedding);
  m_clusterSetup->load(spec[u"clusters"_s].toObject());
  if (std::exchange(m_more, paths.mid(1)) != m_more) lookAtCorpusAgain();
  setModel(spec[u"model"_s].toString());
  setCorpus(paths.first());
  setEncoderFolder(embedding[u"folder"_s].toString());
  setTasks(spec[u"tasks"_s].toArray());
  for (QTimer* due : {&m_model.due, &m_encoder.due, &m_corpus.due})
    if (due->isActive()) due->start(0);   // nobody is typing
  say();
}

void NewStudyViewModel::setTasks(const QJsonArray& tasks) {
  m_tasks.clear();
  for (const QJsonValue& value : tasks) {
    QJsonObject rest = value.toObject();
    const QString file = rest.take(u"file"_s).toString();
    m_tasks.append({file, rest.take(u"shots"_s).toInt(), {}, rest});
  }
  m_corpusSetup->setHasTasks(!m_tasks.isEmpty());
  for (const QJsonValue& value : tasks) lookAtTask(value[u"file"_s].toString());
}

QList<InputLine> NewStudyViewModel::startLines() const { return m_start; }

}  // namespace lacuna::ui
