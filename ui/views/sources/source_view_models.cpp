#include "views/sources/source_view_models.h"

#include <QFileInfo>
#include <algorithm>
#include <cmath>
#include <map>

#include "lacuna/study/metrics.h"
#include "views/corpus_words.h"
#include "views/format.h"
#include "views/select_documents.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr std::size_t mostBars = 200;

EmptyState noDocuments(const study::Results& results, const QString& what) {
  if (!results.documents.empty()) return {};
  return {what, SourcesViewModel::tr("The corpus has not been read yet."), u"study.update"_s, SourcesViewModel::tr("Run the study")};
}

}  // namespace

SourcesViewModel::SourcesViewModel(StudyContext& context) : ViewModel(context, u"sources"_s, tr("Documents by source")) {}

std::vector<std::pair<std::string, SourcesViewModel::Source>> SourcesViewModel::sources() const {
  std::map<std::string, Source> bySource;
  for (const auto& d : results().documents) {
    Source& s = bySource[d.source];
    ++s.documents;
    s.tokens += d.tokens;
  }
  std::vector<std::pair<std::string, Source>> out(bySource.begin(), bySource.end());
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second.documents > b.second.documents; });
  return out;
}

QString SourcesViewModel::subtitle() const {
  const auto all = sources();
  QString text = tr("%1 from %n source(s)", nullptr, static_cast<int>(all.size())).arg(documentsText(results()));
  if (all.size() > mostBars) text += tr(" · the %1 largest are drawn, the table has all").arg(mostBars);
  return text + tr(" · click one to select its documents");
}

const study::SourceRow* SourcesViewModel::steps(const std::string& source) const {
  const auto found = std::find_if(results().sources.begin(), results().sources.end(), [&](const auto& s) { return s.source == source; });
  return found == results().sources.end() ? nullptr : &*found;
}

QString SourcesViewModel::note() const {
  QStringList damaged;
  for (const auto& file : results().corpusFiles)
    if (file.damaged) damaged << QFileInfo(qs(file.path)).fileName();
  return damaged.isEmpty() ? QString() : tr("Damaged, read as far as it went: %1.").arg(damaged.mid(0, 5).join(u", "_s));
}

EmptyState SourcesViewModel::emptyState() const { return noDocuments(results(), tr("Where the documents come from")); }

void SourcesViewModel::activate(int bar, Qt::KeyboardModifiers modifiers) {
  const std::string name = sources()[static_cast<std::size_t>(bar)].first;
  std::vector<std::int32_t> ids;
  for (const auto& d : results().documents)
    if (d.source == name) ids.push_back(d.id.value);
  selectDocuments(study().selection(), std::move(ids), selectionMode(modifiers));
}

BarFigure SourcesViewModel::figure() const {
  BarFigure f;
  const auto all = sources();
  for (const auto& [name, source] : all) {
    if (f.bars.size() == mostBars) break;
    QString tip, right = count(source.documents);
    if (const auto* s = steps(name)) {
      if (s->distinct > s->unlike) right += tr(" · %1 near copies").arg(count(s->distinct - s->unlike));
      if (s->unlike > s->clean) right += tr(" · %1 with texts of tasks").arg(count(s->unlike - s->clean));
      tip = tr("%1\n%2 read · %3 passed the filter · %4 without exact copies · %5 without near copies · %6 without texts of tasks\nstands for %7 documents").arg(
          qs(name), count(s->raw), count(s->wanted), count(s->distinct), count(s->unlike), count(s->clean), number(s->population, 0));
    }
    f.bars.push_back({name.empty() ? tr("(none)") : qs(name), right, tip, static_cast<double>(source.documents), toneAccent, false});
  }
  return f;
}

TableData SourcesViewModel::table() const {
  TableData t{{{"source", tr("Source")}, {"documents", tr("Documents"), true}, {"tokens", tr("Tokens"), true}, {"n_read", tr("Read"), true}, {"n_wanted", tr("Passed the filter"), true},
               {"n_distinct", tr("Without copies"), true}, {"n_unlike", tr("Without near copies"), true}, {"n_clean", tr("Without texts of tasks"), true},
               {"population", tr("Stands for"), true, 0}, {"n_cut", tr("Cut for the embedding"), true}, {"tokens_lost_percent", tr("Tokens lost, %"), true, 1}}, {}};
  for (const auto& [name, source] : sources()) {
    auto& row = t.rows.emplace_back(std::vector<TableCell>{qs(name), source.documents, source.tokens});
    if (const auto* s = steps(name)) {
      for (const TableCell& cell : std::initializer_list<TableCell>{s->raw, s->wanted, s->distinct, s->unlike, s->clean, s->population}) row.push_back(cell);
      row.push_back(s->embedded > 0 ? TableCell(s->cut) : TableCell());
      row.push_back(100 * store::shareLost(*s));
    }
    row.resize(t.columns.size());
  }
  return t;
}

LengthsViewModel::LengthsViewModel(StudyContext& context) : ViewModel(context, u"lengths"_s, tr("Document lengths")) {}

QString LengthsViewModel::subtitle() const {
  std::vector<std::int32_t> lengths = read();
  const bool ofSelection = !selection().documents().empty();
  if (lengths.empty()) return ofSelection ? tr("the model has read none of the selected documents") : QString();
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
  const std::size_t of = ofSelection ? selection().documents().size() : results().documents.size();
  return (ofSelection ? tr("tokens a document · median %1 · %2 read by the model, of %3 selected") : tr("tokens a document · median %1 · %2 documents read by the model, of %3"))
      .arg(count(lengths[lengths.size() / 2]), count(static_cast<std::int64_t>(lengths.size())), count(static_cast<std::int64_t>(of)));
}

std::vector<std::int32_t> LengthsViewModel::read() const {
  std::vector<std::int32_t> lengths;
  const auto& chosen = selection().documents();
  for (const auto& d : results().documents)
    if (d.tokens > 0 && (chosen.empty() || std::binary_search(chosen.begin(), chosen.end(), d.id.value))) lengths.push_back(d.tokens);
  return lengths;
}

EmptyState LengthsViewModel::emptyState() const {
  const auto wasRead = [](const auto& d) { return d.tokens > 0; };
  if (results().documents.empty() || std::any_of(results().documents.begin(), results().documents.end(), wasRead)) return noDocuments(results(), tr("How long the documents are"));
  return {tr("How long the documents are"), tr("The model has not read any document yet."), u"study.update"_s, tr("Run the study")};
}

BarFigure LengthsViewModel::figure() const {
  BarFigure f;
  f.upright = true;
  f.axisLabel = tr("tokens");
  const std::vector<std::int32_t> lengths = read();
  const std::int32_t longest = lengths.empty() ? 1 : *std::max_element(lengths.begin(), lengths.end());
  constexpr int most = 30;
  const int step = std::max(1, (longest + most) / most);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(longest / step) + 1);
  for (const std::int32_t length : lengths) ++counts[static_cast<std::size_t>(length / step)];
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto low = static_cast<std::int64_t>(i) * step;
    f.bars.push_back({i % 5 == 0 ? count(low) : QString(), {}, tr("%1 to %2 tokens: %3 documents").arg(low).arg(low + step - 1).arg(counts[i]),
                      static_cast<double>(counts[i]), toneAccent, false});
  }
  return f;
}

TableData LengthsViewModel::table() const {
  TableData t{{{"document_id", tr("Document"), true}, {"source", tr("Source")}, {"tokens", tr("Tokens"), true}}, {}};
  for (const auto& d : results().documents) t.rows.push_back({std::int64_t{d.id.value}, qs(d.source), std::int64_t{d.tokens}});
  return t;
}

ReadingViewModel::ReadingViewModel(StudyContext& context) : ViewModel(context, u"reading"_s, tr("What the reading met")) {}

QString ReadingViewModel::subtitle() const {
  if (!results().reading.known) return {};
  std::int64_t lost = 0;
  for (const auto& row : results().reading.rows) lost += row.delivered ? 0 : row.rows;
  return tr("%n row(s) left out", nullptr, static_cast<int>(lost));
}

EmptyState ReadingViewModel::emptyState() const {
  const study::Reading& reading = results().reading;
  if (!reading.rows.empty() || !reading.warnings.empty() || !reading.examples.empty()) return {};
  const QString what = tr("Rows that were left out or mended, and why");
  if (results().documents.empty()) return noDocuments(results(), what);
  return {what, reading.known ? tr("Nothing: every row was read as it stands in its file.") : tr("The corpus was read by an older version, which did not write it down."), {}, {}};
}

TableData ReadingViewModel::table() const {
  TableData t{{{"kind", tr("Kind")}, {"rows", tr("Rows"), true}, {"what", tr("What")}}, {}};
  const study::Reading& reading = results().reading;
  for (const auto& row : reading.rows) t.rows.push_back({readingKind(row.kind), row.rows, row.delivered ? tr("mended and kept") : tr("left out")});
  for (const std::string& example : reading.examples) t.rows.push_back({tr("example"), TableCell(), qs(example)});
  for (const std::string& warning : reading.warnings) t.rows.push_back({tr("warning"), TableCell(), qs(warning)});
  return t;
}

OverviewViewModel::OverviewViewModel(StudyContext& context) : ViewModel(context, u"overview"_s, tr("Study")) {}

EmptyState OverviewViewModel::emptyState() const {
  if (!results().model.path.empty()) return {};
  return {tr("Model, corpus and what was computed, at a glance"), tr("Nothing of the study has been computed yet."), u"study.update"_s, tr("Run the study")};
}

TableData OverviewViewModel::table() const {
  const auto& r = results();
  TableData t{{{"property", tr("Property")}, {"value", tr("Value")}}, {}};
  const auto add = [&t](const QString& name, const QString& value) { t.rows.push_back({name, value}); };
  add(tr("Model"), u"%1 (%2)"_s.arg(QFileInfo(qs(r.model.path)).fileName(), qs(r.model.architecture)));
  add(tr("Layers × width"), u"%1 × %2"_s.arg(r.model.layers).arg(r.model.width));
  add(tr("MLP width"), count(r.model.mlpWidth));
  add(tr("Parameters"), count(r.model.parameters));
  add(tr("Documents"), documentsText(r));
  add(tr("Clusters"), count(static_cast<std::int64_t>(r.clusters.size())));
  add(tr("Probes"), count(static_cast<std::int64_t>(r.probes.size())));
  add(tr("Tasks"), count(static_cast<std::int64_t>(r.tasks.size())));
  add(tr("Runs"), count(static_cast<std::int64_t>(r.runs.size())));
  add(tr("Study id"), qs(r.uuid));
  return t;
}

TasksViewModel::TasksViewModel(StudyContext& context) : ViewModel(context, u"tasks"_s, tr("Tasks")) {}

QString TasksViewModel::subtitle() const { return tr("clean scores of the unperturbed model"); }

EmptyState TasksViewModel::emptyState() const {
  if (!results().tasks.empty()) return {};
  return {tr("What the model can do"), tr("No task has been scored yet."), u"study.update"_s, tr("Run the study")};
}

TableData TasksViewModel::table() const {
  TableData t{{{"task", tr("Task")}, {"format", tr("Format")}, {"items", tr("Items"), true}, {"metric", tr("Metric")}, {"clean", tr("Clean"), true}, {"chance", tr("Chance"), true},
               {"margin", tr("Margin"), true, 3, true}}, {}};
  for (const auto& task : results().tasks) {
    const bool right = task.metric.empty() || study::countsRight(task.metric);
    t.rows.push_back({qs(task.name), qs(task.format), task.items, qs(task.metric), task.accuracy, right ? task.chance : std::nan(""), task.margin});
  }
  return t;
}

}  // namespace lacuna::ui
