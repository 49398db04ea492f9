#include "views/format.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

TopicMergesViewModel::TopicMergesViewModel(StudyContext& context) : ViewModel(context, u"topic-merges"_s, tr("Merged topics")) {}

QString TopicMergesViewModel::subtitle() const {
  const auto n = static_cast<int>(results().evidence.merges.size());
  return n > 0 ? tr("%n topic(s) became part of another, by the cosine of their words' weights", nullptr, n) : QString();
}

EmptyState TopicMergesViewModel::emptyState() const {
  if (!results().evidence.merges.empty()) return {};
  const QString what = tr("Which topics became one, and why");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  if (results().evidence.method == "topics") return {what, tr("No topics were merged. \"merge_similarity\": 0.9 under \"clusters\" makes those one whose words have at least that cosine; \"topics\": 12 leaves at most so many."), {}, {}};
  return {what, tr("Only the method “topics” finds topics and merges them by their words."), {}, {}};
}

TableData TopicMergesViewModel::table() const {
  TableData t{{{"step", tr("Step"), true, 0}, {"similarity", tr("Cosine"), true, 2}, {"words_from", tr("Topic")}, {"words_into", tr("became part of")},
               {"cluster_label", tr("now cluster")}, {"n_from", tr("n"), true}, {"n_into", tr("n of that"), true}, {"from", tr("No."), true, 0}, {"into", tr("into no."), true, 0}}, {}};
  std::int64_t step = 0;
  const auto named = [](const std::string& words, std::int32_t topic) { return words.empty() ? tr("topic %1").arg(topic) : qs(words); };
  for (const auto& m : results().evidence.merges)
    t.rows.push_back({++step, m.similarity, named(m.fromWords, m.from), named(m.intoWords, m.into),
                      study().cluster(m.becomes) ? study().clusterLabel(m.becomes) : QString(), m.fromSize, m.intoSize, std::int64_t{m.from}, std::int64_t{m.into}});
  return t;
}

void TopicMergesViewModel::activateRow(int row) {
  const ClusterId id = results().evidence.merges[static_cast<std::size_t>(row)].becomes;
  if (study().cluster(id)) study().selection().setCluster(id);
}

std::vector<int> TopicMergesViewModel::highlightedRows() const {
  std::vector<int> rows;
  for (std::size_t i = 0; i < results().evidence.merges.size(); ++i)
    if (selection().cluster().valid() && results().evidence.merges[i].becomes == selection().cluster()) rows.push_back(static_cast<int>(i));
  return rows;
}

}  // namespace lacuna::ui
