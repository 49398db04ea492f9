#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "views/format.h"
#include "views/topics/topic_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t documentsShown = 3, wordsShown = 8;
constexpr qsizetype snippet = 160;

/// Whole words, and a sign that the text goes on.
QString beginning(const QString& text) {
  if (text.size() <= snippet) return text;
  const qsizetype end = text.lastIndexOf(u' ', snippet);
  return text.left(end > snippet / 2 ? end : snippet) + u"…"_s;
}

}  // namespace

TopicCardsViewModel::TopicCardsViewModel(StudyContext& context) : ViewModel(context, u"topic-cards"_s, tr("Topic cards")) {}

QString TopicCardsViewModel::subtitle() const { return tr("%n clusters · c-TF-IDF words · the most typical documents", nullptr, static_cast<int>(results().clusters.size())); }

EmptyState TopicCardsViewModel::emptyState() const {
  if (!results().clusters.empty()) return {};
  return {tr("What each cluster is about"), tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
}

const std::vector<std::vector<const study::DocumentRow*>>& TopicCardsViewModel::typical() const {
  const auto isOf = [this](const study::DocumentRow& d, ClusterId cluster) {
    if (!results().evidence.multiLabel()) return d.cluster == cluster.value;
    const std::vector<ClusterId> all = results().evidence.clustersOf(d);
    return std::find(all.begin(), all.end(), cluster) != all.end();
  };
  if (m_typicalOf == study().sharedResults()) return m_typical;
  m_typicalOf = study().sharedResults();
  std::unordered_map<std::int32_t, std::size_t> places;
  for (std::size_t i = 0; i < results().clusters.size(); ++i) places[results().clusters[i].id.value] = i;
  m_typical.assign(results().clusters.size(), {});
  const auto better = [](const auto* a, const auto* b) { return std::make_pair(-a->silhouette, a->id) < std::make_pair(-b->silhouette, b->id); };
  for (const auto& d : results().documents) {
    const auto at = places.find(d.cluster);
    if (at == places.end() || std::isnan(d.silhouette)) continue;
    auto& best = m_typical[at->second];
    if (best.size() == documentsShown && !better(&d, best.back())) continue;
    best.insert(std::upper_bound(best.begin(), best.end(), &d, better), &d);
    if (best.size() > documentsShown) best.pop_back();
  }
  for (std::size_t i = 0; i < results().clusters.size(); ++i) {   // those that the engine chose, while they are still of the cluster
    std::vector<const study::DocumentRow*> chosen;
    for (const std::int32_t id : results().clusters[i].representatives)
      if (const auto* d = study().document(DocumentId(id)); d && isOf(*d, results().clusters[i].id)) chosen.push_back(d);
    if (chosen.size() >= documentsShown) m_typical[i].assign(chosen.begin(), chosen.begin() + documentsShown);
  }
  return m_typical;
}

std::vector<TopicCardsViewModel::Card> TopicCardsViewModel::cards() const {
  std::vector<Card> out;
  for (std::size_t i = 0; i < results().clusters.size(); ++i) {
    const auto& c = results().clusters[i];
    Card card{c.id, study().clusterLabel(c.id), tr("n %1 · s %2").arg(count(c.size), number(c.silhouette, 2)), {}, {}, {}, study().clusterTone(c.id), selection().cluster() == c.id};
    QStringList words;
    for (std::size_t t = 0; t < std::min(c.terms.size(), wordsShown); ++t) words << qs(c.terms[t].word);
    card.words = words.join(u" · "_s);
    if (const auto* said = study().agreement(c.id); said && said->documents > 0)
      card.people = tr("people: fits %1 %, raw agreement %2%3").arg(number(100 * said->fits.value, 0), number(said->observed, 2), said->topics.empty() ? QString() : u" · “%1”"_s.arg(qs(said->topics)));
    for (const auto* d : typical()[i]) card.documents << beginning(qs(d->text).simplified());
    out.push_back(std::move(card));
  }
  return out;
}

void TopicCardsViewModel::activate(int card) {
  const ClusterId id = results().clusters[static_cast<std::size_t>(card)].id;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

TableData TopicCardsViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"n", tr("n"), true}, {"words", tr("Words")}, {"place", tr("Place"), true}, {"document_id", tr("Document"), true}, {"text", tr("Text")}}, {}};
  for (std::size_t i = 0; i < results().clusters.size(); ++i) {
    const auto& c = results().clusters[i];
    QStringList words;
    for (const auto& term : c.terms) words << qs(term.word);
    for (std::size_t k = 0; k < typical()[i].size(); ++k)
      t.rows.push_back({study().clusterLabel(c.id), c.size, words.join(u' '), static_cast<std::int64_t>(k + 1), std::int64_t{typical()[i][k]->id.value}, qs(study().session().documentText(typical()[i][k]->id))});
  }
  return t;
}

}  // namespace lacuna::ui
