#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "views/clusters/cluster_view_models.h"
#include "views/format.h"
#include "views/select_documents.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

SilhouetteViewModel::SilhouetteViewModel(StudyContext& context) : ViewModel(context, u"silhouette"_s, tr("Silhouette")) {}

QString SilhouetteViewModel::subtitle() const {
  return tr("mean %1 · mean of clusters %2 · %n clusters", nullptr, static_cast<int>(results().clusters.size()))
      .arg(number(results().meanSilhouette, 2), number(results().macroSilhouette, 2));
}

QString SilhouetteViewModel::note() const {
  QStringList notes;
  if (results().circular) notes << tr("The clusters come from the model's own states: probes of this model are good by construction.");
  if (results().moved) notes << tr("Clusters were edited: silhouettes and terms are known again when the study is updated.");
  return notes.join(u' ');
}

QString SilhouetteViewModel::summary() const {
  const auto& clusters = results().clusters;
  if (clusters.empty() || std::isnan(results().meanSilhouette)) return subtitle();
  const auto best = std::max_element(clusters.begin(), clusters.end(), [](const auto& a, const auto& b) { return a.silhouette < b.silhouette; });
  return subtitle() + tr("; the tightest is %1 with %2").arg(study().clusterLabel(best->id), number(best->silhouette, 2));
}

EmptyState SilhouetteViewModel::emptyState() const {
  if (results().clusters.size() >= 2) return {};
  const QString why = results().clusters.empty() ? tr("There are no clusters yet.") : tr("A silhouette needs two clusters; there is one.");
  return {tr("How well each document fits its cluster"), why, u"study.update"_s, tr("Run the study")};
}

const SilhouetteViewModel::Sorted& SilhouetteViewModel::sorted() const {
  if (m_sortedOf == study().sharedResults()) return m_sorted;
  std::unordered_map<std::int32_t, std::size_t> places;
  for (std::size_t i = 0; i < results().clusters.size(); ++i) places[results().clusters[i].id.value] = i;
  m_sorted.members.assign(results().clusters.size(), {});
  for (const auto& d : results().documents)
    if (const auto at = places.find(d.cluster); at != places.end() && std::isfinite(d.silhouette))
      m_sorted.members[at->second].emplace_back(d.silhouette, d.id.value);
  for (auto& members : m_sorted.members) std::sort(members.begin(), members.end(), std::greater<>());
  m_sortedOf = study().sharedResults();
  return m_sorted;
}

KnifeFigure SilhouetteViewModel::figure() const {
  KnifeFigure f;
  f.mean = results().meanSilhouette;
  f.axisLabel = tr("silhouette s");
  const auto& chosen = selection().documents();
  std::vector<std::uint8_t> marks(chosen.empty() ? 0 : static_cast<std::size_t>(chosen.back()) + 1, 0);   // by id: a search a document would cost more
  for (const std::int32_t id : chosen) marks[static_cast<std::size_t>(id)] = 1;
  for (std::size_t i = 0; i < results().clusters.size(); ++i) {
    const auto& c = results().clusters[i];
    const auto& members = sorted().members[i];
    KnifeFigure::Blade blade;
    blade.label = study().clusterLabel(c.id);
    blade.tone = study().clusterTone(c.id);
    blade.right = members.empty() ? tr("not computed · n %1").arg(count(c.size))
                                  : tr("%1 · n %2 · %3 % < 0").arg(number(c.silhouette, 2), count(c.size), number(100 * c.shareNegative, 0));
    blade.shorter = number(c.silhouette, 2);
    blade.faint = !chosen.empty() || (selection().cluster().valid() && selection().cluster() != c.id);
    blade.values.resize(members.size());
    std::transform(members.begin(), members.end(), blade.values.begin(), [](const auto& member) { return member.first; });
    if (!chosen.empty()) blade.marked.reserve(members.size());
    for (std::size_t k = 0; k < members.size() && !chosen.empty(); ++k)
      if (const auto id = static_cast<std::size_t>(members[k].second); id < marks.size() && marks[id]) blade.marked.push_back(static_cast<int>(k));
    f.blades.push_back(std::move(blade));
  }
  return f;
}

void SilhouetteViewModel::activate(int blade, Qt::KeyboardModifiers) {
  const ClusterId id = results().clusters[static_cast<std::size_t>(blade)].id;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

QString SilhouetteViewModel::describe(int blade, int document) const {
  const auto& [s, id] = sorted().members[static_cast<std::size_t>(blade)][static_cast<std::size_t>(document)];
  const study::DocumentRow* d = study().document(DocumentId(id));
  return tr("Document %1 · s = %2\n%3\nclick selects it").arg(id).arg(number(s, 2), d ? qs(d->text).simplified().left(120) : QString());
}

void SilhouetteViewModel::activateDocument(int blade, int document, Qt::KeyboardModifiers modifiers) {
  selectDocuments(study().selection(), {sorted().members[static_cast<std::size_t>(blade)][static_cast<std::size_t>(document)].second}, selectionMode(modifiers));
}

TableData SilhouetteViewModel::table() const {
  TableData t{{{"cluster_id", tr("Cluster"), true}, {"cluster_label", tr("Label")}, {"n", tr("n"), true},
               {"population", tr("of the corpus"), true, 0}, {"population_low", tr("low"), true, 0}, {"population_high", tr("high"), true, 0},
               {"silhouette_mean", tr("Mean s"), true}, {"share_negative", tr("Share < 0"), true}, {"n_raters", tr("Raters"), true},
               {"share_fits", tr("Fits"), true, 2}, {"observed", tr("Raw agreement"), true, 2}, {"kappa", tr("κ"), true, 2},
               {"intruders_found", tr("Intruders found"), true, 2}}, {}};
  for (const auto& c : results().clusters) {
    const study::AgreementRow* people = study().agreement(c.id);
    const study::AgreementRow said = people ? *people : study::AgreementRow{};
    const double none = std::nan("");
    t.rows.push_back({std::int64_t{c.id.value}, study().clusterLabel(c.id), c.size, c.population, c.populationLow, c.populationHigh, c.silhouette, c.shareNegative, said.raters,
                      people ? said.fits.value : none, people ? said.observed : none, people ? said.kappa.value : none, people ? said.found.value : none});
  }
  return t;
}

constexpr std::size_t mostTerms = 20;

TermsViewModel::TermsViewModel(StudyContext& context) : ViewModel(context, u"terms"_s, tr("Top terms")) {}

QString TermsViewModel::subtitle() const {
  if (const auto n = selection().documents().size(); n > 0)
    return tr("selection, n = %1 · share of its documents with the word, minus that of the rest").arg(count(static_cast<std::int64_t>(n)));
  const auto* c = study().cluster(shownCluster());
  return c ? tr("%1 · c-TF-IDF against the other clusters · n = %2").arg(study().clusterLabel(c->id), count(c->size)) : QString();
}

QString TermsViewModel::note() const { return selection().documents().empty() || found() ? QString() : tr("Reading the selected documents…"); }

EmptyState TermsViewModel::emptyState() const {
  if (!selection().documents().empty()) {
    if (!found() || !found()->terms.empty()) return {};
    return {tr("The words that tell the selection from the rest"), tr("No word of a cluster is more frequent in it."), u"selection.clear"_s, tr("Clear the selection")};
  }
  const auto* c = study().cluster(shownCluster());
  if (c && !c->terms.empty()) return {};
  return {tr("The words that tell a cluster from the rest"), c ? tr("No word of this cluster remains after stop words.") : tr("There are no clusters yet."),
          u"study.update"_s, c ? QString() : tr("Run the study")};
}

BarFigure TermsViewModel::figure() const {
  if (!selection().documents().empty()) return figureOfSelection();
  BarFigure f;
  const auto* c = study().cluster(shownCluster());
  if (!c) return f;
  for (std::size_t i = 0; i < std::min(c->terms.size(), mostTerms); ++i)
    f.bars.push_back({qs(c->terms[i].word), number(c->terms[i].weight, 3), tr("%1 · %2\nclick finds the documents with it").arg(qs(c->terms[i].word), number(c->terms[i].weight, 4)), c->terms[i].weight, study().clusterTone(c->id), false});
  return f;
}

TermsViewModel::Found TermsViewModel::look(const Found& wanted, const study::Session& session, const RunContext& context) {
  Found f = wanted;
  f.terms = selectionTerms(*f.in, f.of, [&](DocumentId id) { return session.documentText(id); }, context);
  return f;
}

const TermsViewModel::Found* TermsViewModel::found() const {
  const auto fits = [this](const Found& f) { return f.in == study().sharedResults() && f.of == selection().documents(); };
  if (fits(m_found)) return &m_found;
  const QList<JobState> running = study().jobs().states();
  if (fits(m_sought) && std::any_of(running.begin(), running.end(), [this](const JobState& job) { return job.id == m_job; })) return nullptr;
  m_sought = {selection().documents(), study().sharedResults(), {}};
  auto* self = const_cast<TermsViewModel*>(this);
  m_job = study().jobs().start<Found>(JobPolicy::LatestWins, u"terms"_s, tr("Reading the selected documents"), self,
                                      [wanted = m_sought, session = study().sharedSession()](const RunContext& context) { return look(wanted, *session, context); },
                                      [self](const Found& f) {
                                        self->m_found = f;
                                        Q_EMIT self->changed();
                                      },
                                      [self](const Error&) {   // nothing could be read: no words
                                        self->m_found = self->m_sought;
                                        Q_EMIT self->changed();
                                      });
  return nullptr;
}

BarFigure TermsViewModel::figureOfSelection() const {
  BarFigure f;
  if (!found()) return f;
  for (const SelectionTerm& term : found()->terms) {
    if (f.bars.size() == mostTerms) break;
    const QString shares = tr("%1\n%2 % of the selection, %3 % of the rest").arg(term.word, number(100 * term.inside, 0), number(100 * term.outside, 0));
    f.bars.push_back({term.word, tr("+%1 %").arg(number(100 * (term.inside - term.outside), 0)), shares, term.inside - term.outside, toneAccent, false});
  }
  return f;
}

void TermsViewModel::activate(int bar, Qt::KeyboardModifiers) { Q_EMIT study().searchRequested(figure().bars[static_cast<std::size_t>(bar)].label); }

TableData TermsViewModel::table() const {
  if (!selection().documents().empty()) {
    TableData t{{{"term", tr("Term")}, {"share_selection", tr("Selection"), true}, {"share_rest", tr("Rest"), true}}, {}};
    const Found now = found() ? *found() : look({selection().documents(), study().sharedResults(), {}}, study().session(), RunContext());   // an export waits
    for (const SelectionTerm& term : now.terms) t.rows.push_back({term.word, term.inside, term.outside});
    return t;
  }
  TableData t{{{"cluster_label", tr("Cluster")}, {"term", tr("Term")}, {"ctfidf", tr("c-TF-IDF"), true, 4}}, {}};
  for (const auto& c : results().clusters)
    for (const auto& term : c.terms) t.rows.push_back({study().clusterLabel(c.id), qs(term.word), term.weight});
  return t;
}

}  // namespace lacuna::ui
