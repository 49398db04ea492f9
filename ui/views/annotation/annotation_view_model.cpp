#include "views/annotation/annotation_view_model.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "views/format.h"
#include "views/perturbation/panel_view_model.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr const char* fits[] = {"fits", "not", "unsure"};

QString defaultRater() {
  const QString user = qEnvironmentVariable("USER");
  return user.isEmpty() ? u"rater 1"_s : user;
}

std::string kindName(AnnotationViewModel::Task task) { return task == AnnotationViewModel::Task::Fits ? "fits" : "intruder"; }

}  // namespace

AnnotationViewModel::AnnotationViewModel(StudyContext& context) : ViewModel(context, u"annotate"_s, tr("Annotate")), m_rater(defaultRater()) {
  connect(&context, &StudyContext::resultsChanged, this, &AnnotationViewModel::rebuild);
  start();
}

EmptyState AnnotationViewModel::emptyState() const {
  if (results().clusters.size() >= 2) return {};
  return {tr("Sheets on which people say whether documents belong together"),
          results().clusters.empty() ? tr("There are no clusters yet.") : tr("There is one cluster alone: nothing to tell apart."), u"study.update"_s, tr("Run the study")};
}

QString AnnotationViewModel::subtitle() const {
  return tr("blind to method and labels · the same documents for every rater, in an order of their own · kept in the study as a log");
}

void AnnotationViewModel::setRater(const QString& rater) {
  const QString name = rater.simplified();
  if (name.isEmpty() || name == m_rater) return;
  m_rater = name;
  start();
}

void AnnotationViewModel::setTask(Task task) {
  if (std::exchange(m_task, task) != task) start();
}

void AnnotationViewModel::start() {
  m_given.clear();
  m_items.clear();
  rebuild();
}

void AnnotationViewModel::rebuild() {
  const std::optional<study::Question> shown = item() ? std::optional(questionAt(m_place)) : std::nullopt;
  m_groups.clear();
  m_questions.clear();
  m_clustering = study().people().clustering;
  const std::uint64_t seed = study().people().seed;
  m_items = study::drawSheets(results().documents, study::sheetOrder(results().clusters, kindName(m_task), m_rater.toStdString(), seed), kindName(m_task), seed, results().evidence.memberships);
  for (std::size_t i = 0; i < m_items.size(); ++i)
    m_groups.push_back(i == 0 ? 0 : m_groups.back() + (m_items[i].cluster != m_items[i - 1].cluster ? 1 : 0));
  for (const study::SheetItem& item : m_items) m_questions.push_back(study::questionOf(item));
  std::erase_if(m_given, [this](const Given& given) { return placeOf(given.question) < 0; });
  takeAnswers();
  if (const int place = shown ? placeOf(*shown) : -1; place >= 0) return show(place);
  const auto open = std::find_if(m_questions.begin(), m_questions.end(), [this](const study::Question& question) { return !m_answers.contains(question); });
  show(static_cast<int>(open - m_questions.begin()));
}

int AnnotationViewModel::placeOf(const study::Question& question) const {
  const auto at = std::find(m_questions.begin(), m_questions.end(), question);
  return at == m_questions.end() ? -1 : static_cast<int>(at - m_questions.begin());
}

/// An answer is to the documents it was given about: where others stand in its place now, the item is open.
void AnnotationViewModel::takeAnswers() {
  m_answers.clear();
  for (const auto& row : study().session().people()->annotations) {   // the newest: the study's own copy waits for the end of a group
    if (row.rater != m_rater.toStdString() || row.clustering != m_clustering) continue;
    const study::Question question = study::questionOf(row);
    row.value.empty() ? void(m_answers.erase(question)) : void(m_answers[question] = row.value);
  }
}

void AnnotationViewModel::peopleChanged() {
  takeAnswers();
  Q_EMIT changed();
}

const study::SheetItem* AnnotationViewModel::item() const {
  return m_place >= 0 && m_place < std::ssize(m_items) ? &m_items[static_cast<std::size_t>(m_place)] : nullptr;
}

QString AnnotationViewModel::question() const {
  const study::SheetItem* now = item();
  if (!now) return m_items.empty() ? tr("The clusters are too small for this sheet.") : tr("Every item of this sheet has an answer. Thank you.");
  if (now->kind == "topic") return tr("What are these documents about? A few words.");
  if (now->kind == "intruder") return tr("Five of these belong together. Which one does not?");
  return topic().isEmpty() ? tr("Does this document belong with the others?") : tr("Does this document fit “%1”?").arg(topic());
}

QStringList AnnotationViewModel::texts() const {
  QStringList out;
  if (const study::SheetItem* now = item())
    for (const DocumentId id : now->documents)
      if (study().document(id)) out << qs(study().session().documentText(id));
  return out;
}

QString AnnotationViewModel::answered() const {
  const study::SheetItem* now = item();
  const auto given = now ? m_answers.find(questionAt(m_place)) : m_answers.end();
  if (given == m_answers.end()) return {};
  if (now->kind == "topic") return qs(given->second);
  for (std::size_t i = 0; i < now->documents.size() && now->kind == "intruder"; ++i)
    if (std::to_string(now->documents[i].value) == given->second) return QString::number(i + 1);
  for (int i = 0; i < 3; ++i)
    if (given->second == fits[i]) return QString::number(i + 1);
  return {};
}

const study::SheetItem* AnnotationViewModel::topicItem() const {
  const study::SheetItem* now = item();
  const auto at = std::find_if(m_items.begin(), m_items.end(), [now](const study::SheetItem& i) { return now && i.kind == "topic" && i.cluster == now->cluster; });
  return at == m_items.end() ? nullptr : &*at;
}

QString AnnotationViewModel::topic() const {
  const study::SheetItem* asked = topicItem();
  const auto given = asked ? m_answers.find(study::questionOf(*asked)) : m_answers.end();
  return given == m_answers.end() ? QString() : qs(given->second);
}

AnnotationViewModel::Progress AnnotationViewModel::progress() const {
  Progress p;
  p.total = static_cast<int>(m_items.size());
  p.done = static_cast<int>(std::count_if(m_questions.begin(), m_questions.end(), [this](const study::Question& q) { return m_answers.contains(q); }));
  p.groups = m_groups.empty() ? 0 : m_groups.back() + 1;
  p.group = item() ? m_groups[static_cast<std::size_t>(m_place)] + 1 : p.groups;
  return p;
}

bool AnnotationViewModel::give(const study::SheetItem& asked, const std::string& value) {
  study::AnnotationRow row;
  row.rater = m_rater.toStdString();
  row.kind = asked.kind;
  row.cluster = asked.cluster;
  row.item = asked.item;
  for (const DocumentId id : asked.documents) row.documents.push_back(id.value);
  if (asked.intruder.valid()) row.expected = std::to_string(asked.intruder.value);
  row.value = value;
  row.seconds = m_shown.isValid() ? static_cast<double>(m_shown.elapsed()) / 1000 : std::nan("");
  try {
    study().session().annotate({row});
  } catch (const Error& error) {
    Q_EMIT failed(errorText(error));
    return false;
  }
  const study::Question question = study::questionOf(asked);
  value.empty() ? void(m_answers.erase(question)) : void(m_answers[question] = value);
  return true;
}

void AnnotationViewModel::answerItem(const study::SheetItem& asked, const std::string& value) {
  const auto before = m_answers.find(study::questionOf(asked));
  const Given given{study::questionOf(asked), before == m_answers.end() ? "" : before->second};
  if (given.before == value) return move(1);   // said already
  if (!give(asked, value)) return;
  m_given.push_back(given);
  move(1);
}

void AnnotationViewModel::answer(int number) {
  const study::SheetItem* now = item();
  if (!now || now->kind == "topic" || number < 1) return;
  const bool intruder = now->kind == "intruder";
  if (number > (intruder ? static_cast<int>(now->documents.size()) : 3)) return;
  answerItem(*now, intruder ? std::to_string(now->documents[static_cast<std::size_t>(number - 1)].value) : fits[number - 1]);
}

void AnnotationViewModel::nameTopic(const QString& topic) {
  const study::SheetItem* now = item();
  if (now && now->kind == "topic" && !topic.trimmed().isEmpty()) answerItem(*now, topic.simplified().toStdString());
}

/// Agreement is worked out anew where a cluster's sheet ends, not at every key.
void AnnotationViewModel::move(int step) {
  const int to = std::clamp(m_place + step, 0, static_cast<int>(m_items.size()));
  const bool leaves = !item() || to == std::ssize(m_items) || m_groups[static_cast<std::size_t>(to)] != m_groups[static_cast<std::size_t>(m_place)];
  show(to);
  if (!leaves) return;
  study().session().refreshAgreement();
  study().refreshPeople();
}

void AnnotationViewModel::undo() {
  if (m_given.empty()) return;
  const int place = placeOf(m_given.back().question);
  if (!give(m_items[static_cast<std::size_t>(place)], m_given.back().before)) return;
  m_given.pop_back();
  show(place);
}

void AnnotationViewModel::show(int place) {
  m_place = place;
  m_shown.start();
  Q_EMIT changed();
}

TableData AnnotationViewModel::table() const {
  TableData t{{{"kind", tr("Kind")}, {"group", tr("Group"), true}, {"item", tr("Item"), true}, {"answer", tr("Answer")}, {"text", tr("Text")}}, {}};
  for (std::size_t i = 0; i < m_items.size(); ++i) {
    const auto given = m_answers.find(m_questions[i]);
    if (given == m_answers.end()) continue;
    const auto* document = study().document(m_items[i].documents.front());
    t.rows.push_back({qs(m_items[i].kind), std::int64_t{m_groups[i] + 1}, m_items[i].item, qs(given->second), document ? qs(document->text).left(200) : QString()});
  }
  return t;
}

QJsonObject AnnotationViewModel::state() const { return {{u"rater"_s, m_rater}, {u"task"_s, qs(kindName(m_task))}}; }

void AnnotationViewModel::restore(const QJsonObject& state) {
  setRater(state[u"rater"_s].toString());
  setTask(state[u"task"_s].toString() == "intruder"_L1 ? Task::Intruder : Task::Fits);
}

}  // namespace lacuna::ui
