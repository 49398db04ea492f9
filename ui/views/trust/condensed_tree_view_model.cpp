#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "views/format.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double manyTimes = 40;   // of the least λ: from here on the axis is logarithmic

}  // namespace

CondensedTreeViewModel::CondensedTreeViewModel(StudyContext& context) : ViewModel(context, u"condensed-tree"_s, tr("Condensed tree")) {}

QString CondensedTreeViewModel::subtitle() const {
  if (tree().empty()) return {};
  const auto chosen = std::count_if(tree().begin(), tree().end(), [](const auto& node) { return node.cluster.valid(); });
  return tr("%1 documents · %2 nodes, %3 chosen · λ = 1 / distance · narrow: half of a node has left").arg(count(tree().front().size)).arg(tree().size()).arg(chosen);
}

QString CondensedTreeViewModel::caption() const {
  return tr("%1 HDBSCAN's condensed tree: λ = 1 / distance grows downwards, widths are documents. A node begins where it splits off and ends where it splits or its last documents leave; the chosen clusters are outlined.").arg(ViewModel::caption());
}

EmptyState CondensedTreeViewModel::emptyState() const {
  if (!tree().empty()) return {};
  const QString what = tr("At which densities clusters part");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  const std::string& method = results().evidence.method;
  if (method == "hdbscan" || method == "topics") return {what, tr("Every document is in one dense region: nothing parts."), {}, {}};
  return {what, tr("These clusters come from “%1”, which knows no densities. The methods “hdbscan” and “topics” have such a tree.").arg(method.empty() ? u"kmeans"_s : qs(method)), {}, {}};
}

std::vector<ClusterId> CondensedTreeViewModel::clusters() const {
  std::unordered_map<std::int32_t, ClusterId> of;
  std::vector<ClusterId> out;
  for (const auto& node : tree()) {   // parents come first
    const ClusterId above = of.contains(node.parent) ? of[node.parent] : ClusterId();
    out.push_back(of[node.node] = above.valid() ? above : node.cluster);
  }
  return out;
}

/// From just above the first split to where the last node has lost half of its documents; duplicates, whose λ has no end, run over the edge.
void CondensedTreeViewModel::scale(IcicleFigure& f) const {
  double first = 0, deepest = 0, least = 0;
  for (const auto& node : tree()) {
    if (node.birth > 0) first = first > 0 ? std::min(first, node.birth) : node.birth;
    least = std::max(least, node.birth);
  }
  for (const auto& node : tree()) deepest = std::max(deepest, std::min(node.half, 100 * least));
  deepest = std::max(deepest, least);
  f.logarithmic = deepest > manyTimes * first;
  const double span = deepest - first;
  f.low = f.logarithmic ? first / 1.6 : std::max(0.0, first - 0.12 * (span > 0 ? span : first));
  f.high = f.logarithmic ? deepest * 1.4 : deepest + 0.12 * (span > 0 ? span : deepest);
}

IcicleFigure CondensedTreeViewModel::figure() const {
  IcicleFigure f;
  f.xLabel = tr("documents");
  f.yLabel = u"λ"_s;
  if (tree().empty()) return f;
  scale(f);
  f.width = static_cast<double>(tree().front().size);
  std::unordered_map<std::int32_t, double> free;       // where the next child of a node begins
  std::unordered_map<std::int32_t, std::int64_t> below;   // documents of all its children
  for (const auto& node : tree()) below[node.parent] += node.size;
  const std::vector<ClusterId> own = clusters();
  const bool choosing = selection().cluster().valid();
  for (std::size_t i = 0; i < tree().size(); ++i) {
    const auto& node = tree()[i];
    const bool splits = below.contains(node.node);
    IcicleFigure::Node n;
    n.left = node.parent < 0 ? 0 : free[node.parent];
    n.right = n.left + static_cast<double>(node.size);
    free[node.parent] = n.right;
    free[node.node] = n.left + (static_cast<double>(node.size) - (splits ? static_cast<double>(below[node.node]) : 0)) / 2;
    n.top = node.birth;
    n.bottom = node.end;
    n.half = splits ? node.end : node.half;
    n.chosen = node.cluster.valid();
    n.tone = own[i].valid() ? study().clusterTone(own[i]) : int(toneMuted);
    n.highlighted = choosing && own[i] == selection().cluster();
    n.faint = choosing && !n.highlighted;
    const QString name = own[i].valid() ? study().clusterLabel(own[i]) : tr("above all clusters");
    if (n.chosen) n.label = name;
    n.tooltip = tr("%1\n%2 documents, λ %3 to %4").arg(name, count(node.size), number(node.birth, 2), splits ? number(node.end, 2) : tr("%1 (half of them to %2)").arg(number(std::min(node.end, f.high), 2), number(std::min(node.half, f.high), 2)));
    if (!std::isnan(node.stability)) n.tooltip += tr("\nstability %1").arg(number(node.stability, 1));
    f.nodes.push_back(std::move(n));
  }
  return f;
}

void CondensedTreeViewModel::activate(int node, Qt::KeyboardModifiers) {
  const ClusterId id = clusters()[static_cast<std::size_t>(node)];
  if (!study().cluster(id)) return;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

TableData CondensedTreeViewModel::table() const {
  TableData t{{{"node", tr("Node"), true, 0}, {"parent", tr("Parent"), true, 0}, {"n_documents", tr("Documents"), true}, {"lambda_birth", tr("λ from"), true}, {"lambda_half", tr("λ half"), true},
               {"lambda_end", tr("λ to"), true}, {"stability", tr("Stability"), true}, {"cluster_label", tr("Chosen as")}}, {}};
  for (const auto& node : tree())
    t.rows.push_back({std::int64_t{node.node}, node.parent < 0 ? TableCell() : TableCell(std::int64_t{node.parent}), node.size, node.birth, node.half, node.end, node.stability,
                      node.cluster.valid() ? study().clusterLabel(node.cluster) : QString()});
  return t;
}

}  // namespace lacuna::ui
