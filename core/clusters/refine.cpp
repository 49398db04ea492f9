#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/clusters/clusters.h"
#include "lacuna/clusters/kmeans.h"
#include "lacuna/clusters/refine.h"
#include "lacuna/clusters/validity.h"

namespace lacuna::clusters {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN(), kNeutral = 1e-12;
constexpr std::int32_t kNoise = -1, kAmbiguous = -2;
constexpr int kRestarts = 4, kIterations = 100;

struct Member { std::vector<std::size_t> rows; double purity = kMissing, silhouette = kMissing; };
using Members = std::map<std::int32_t, Member>;

double purityOf(const std::vector<std::size_t>& rows, const std::vector<std::int32_t>& metadata) {
  std::map<std::int32_t, double> counts;
  double known = 0, most = 0;
  for (const std::size_t row : rows) {
    if (metadata[row] < 0) continue;
    ++known;
    most = std::max(most, counts[metadata[row]] += 1);
  }
  return known > 0 ? most / known : kMissing;
}

/// Over the rows that have one: those without a direction have none.
double meanOf(const std::vector<std::size_t>& rows, const std::vector<double>& silhouettes) {
  double sum = 0, n = 0;
  for (const std::size_t row : rows)
    if (!std::isnan(silhouettes[row])) sum += silhouettes[row], ++n;
  return n > 0 ? sum / n : kMissing;
}

Members membersOf(const MatrixF& x, const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& metadata, const RunContext& context) {
  Members members;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0) members[labels[i]].rows.push_back(i);
  const std::vector<double> silhouettes = cosineSilhouettes(x, labels, context);
  for (auto& [label, m] : members) {
    m.purity = purityOf(m.rows, metadata);
    m.silhouette = meanOf(m.rows, silhouettes);
  }
  return members;
}

/// Each cluster counts once.
RefineState stateOf(const Members& members) {
  RefineState out{kMissing, kMissing, std::ssize(members)};
  double purity = 0, known = 0, silhouette = 0, placed = 0;
  for (const auto& [label, m] : members) {
    if (std::isfinite(m.silhouette)) silhouette += m.silhouette, ++placed;
    if (std::isfinite(m.purity)) purity += m.purity, ++known;
  }
  if (known > 0) out.macroPurity = purity / known;
  if (placed > 0) out.macroSilhouette = silhouette / placed;
  return out;
}

MatrixF rowsOf(const MatrixF& x, const std::vector<std::size_t>& rows) {
  MatrixF out(std::ssize(rows), x.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) out.row(static_cast<Eigen::Index>(i)) = x.row(static_cast<Eigen::Index>(rows[i]));
  return out;
}

/// A round's work on one state of the labels.
class Round {
 public:
  Round(int number, const MatrixF& x, const std::vector<std::int32_t>& metadata, const RefineConfig& config, const RunContext& context, Refined& state, std::int32_t& next)
      : m_number(number), m_x(x), m_metadata(metadata), m_config(config), m_context(context), m_state(state), m_next(next) {}

  void run() {
    split();
    merge();
    setAside();
    drop();
  }

 private:
  void note(const char* action, std::int32_t cluster, std::int32_t other, std::size_t documents, const Member& m) {
    m_state.log.push_back({m_number, action, cluster, other, static_cast<std::int64_t>(documents), m.purity, m.silhouette});
  }

  bool wantsSplit(const Member& m) const {
    return (m.purity < m_config.leastPurity || m.silhouette < m_config.leastSilhouette) && std::ssize(m.rows) >= 2 * m_config.minSize;
  }

  void split() {
    const Members members = membersOf(m_x, m_state.labels, m_metadata, m_context);
    for (const auto& [label, m] : members) {
      if (!wantsSplit(m)) continue;
      const MatrixF rows = rowsOf(m_x, m.rows);
      const std::vector<std::int32_t> halves = euclideanKMeans(rows, 2, kRestarts, kIterations, m_context).labels;
      if (!(informationCriterion(rows, halves) > informationCriterion(rows, std::vector<std::int32_t>(m.rows.size(), 0)))) continue;
      std::size_t moved = 0;
      for (std::size_t i = 0; i < m.rows.size(); ++i)
        if (halves[i] == 1) m_state.labels[m.rows[i]] = m_next, ++moved;
      note("split", label, m_next++, moved, m);
    }
  }

  void merge() {
    while (mergeOne()) m_context.checkpoint();
  }

  /// The pair of nearest direction that may be merged; the smaller goes into the larger.
  bool mergeOne() {
    const Members members = membersOf(m_x, m_state.labels, m_metadata, m_context);
    struct Pair { double cosine; std::int32_t a, b; };
    std::vector<Pair> pairs;
    std::map<std::int32_t, VectorD> directions;
    for (const auto& [label, m] : members) directions[label] = rowsOf(m_x, m.rows).cast<double>().colwise().sum().normalized().transpose();
    for (auto a = directions.begin(); a != directions.end(); ++a)
      for (auto b = std::next(a); b != directions.end(); ++b)
        if (const double cosine = a->second.dot(b->second); cosine > m_config.mergeCosine) pairs.push_back({cosine, a->first, b->first});
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& p, const Pair& q) { return p.cosine > q.cosine; });
    const double before = agreement(m_state.labels, m_metadata).ari;
    for (const Pair& pair : pairs) {
      const bool firstLarger = members.at(pair.a).rows.size() >= members.at(pair.b).rows.size();
      const std::int32_t from = firstLarger ? pair.b : pair.a, into = firstLarger ? pair.a : pair.b;
      std::vector<std::int32_t> labels = m_state.labels;
      std::replace(labels.begin(), labels.end(), from, into);
      if (agreement(labels, m_metadata).ari < before - kNeutral) continue;
      m_state.labels = std::move(labels);
      note("merge", from, into, members.at(from).rows.size(), members.at(from));
      return true;
    }
    return false;
  }

  void setAside() {
    const Members members = membersOf(m_x, m_state.labels, m_metadata, m_context);
    const std::vector<double> simplified = simplifiedSilhouettes(m_x, m_state.labels, m_context);
    for (const auto& [label, m] : members) {
      std::size_t moved = 0;
      for (const std::size_t row : m.rows)
        if (simplified[row] < 0) m_state.labels[row] = kAmbiguous, ++moved;
      if (moved > 0) note("ambiguous", label, kAmbiguous, moved, m);
    }
  }

  void drop() {
    for (const auto& [label, m] : membersOf(m_x, m_state.labels, m_metadata, m_context)) {
      if (std::ssize(m.rows) >= m_config.minSize) continue;
      for (const std::size_t row : m.rows) m_state.labels[row] = kNoise;
      note("drop", label, kNoise, m.rows.size(), m);
    }
  }

  int m_number;
  const MatrixF& m_x;
  const std::vector<std::int32_t>& m_metadata;
  const RefineConfig& m_config;
  const RunContext& m_context;
  Refined& m_state;
  std::int32_t& m_next;
};

std::int64_t changedLabels(const std::vector<std::int32_t>& before, const std::vector<std::int32_t>& after) {
  std::int64_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i] ? 1 : 0;
  return changed;
}

std::string percent(double share) { return formatNumber(100 * share) + " %"; }

/// Why the round just done is the last; empty: it is not.
std::string reasonToStop(const RefineRound& round, const RefineState& after, const RefineConfig& config) {
  if (static_cast<double>(round.changed) < config.changed * static_cast<double>(round.labels.size())) return "fewer than " + percent(config.changed) + " of the labels changed";
  if (after.macroPurity - round.before.macroPurity < config.gain) return "macro purity gained less than " + formatNumber(config.gain);
  return "";
}

void requireClusters(const RefineState& after, const Members& before, const RefineConfig& config) {
  if (after.clusters > 0) return;
  std::size_t largest = 0;
  for (const auto& [label, m] : before) largest = std::max(largest, m.rows.size());
  throw Error("LAC-1604", "refining clusters: expected clusters of at least " + std::to_string(config.minSize) + " documents, the largest has " + std::to_string(largest) +
                              ": none would be left", "lower clusters.refine.min_size, or ask for fewer clusters");
}

}  // namespace

Refined refine(const MatrixF& x, const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& metadata, const RefineConfig& config,
               const RunContext& context) {
  LACUNA_CHECK(labels.size() == metadata.size() && static_cast<std::size_t>(x.rows()) == labels.size());
  Members members = membersOf(x, labels, metadata, context);
  Refined state{labels, {}, {}, stateOf(members), ""};
  std::int32_t next = std::max(config.taken, members.empty() ? 0 : members.rbegin()->first + 1);   // ids are never used twice
  for (int round = 0; round < config.rounds && state.stopped.empty(); ++round) {
    context.report("Refining clusters", static_cast<std::uint64_t>(round), static_cast<std::uint64_t>(config.rounds));
    RefineRound& now = state.rounds.emplace_back(RefineRound{state.after, state.labels, 0});
    Round(round, x, metadata, config, context, state, next).run();
    now.changed = changedLabels(now.labels, state.labels);
    Members after = membersOf(x, state.labels, metadata, context);
    state.after = stateOf(after);
    requireClusters(state.after, members, config);
    members = std::move(after);
    state.stopped = reasonToStop(now, state.after, config);
  }
  if (state.stopped.empty()) state.stopped = "the greatest number of rounds was reached";
  return state;
}

}  // namespace lacuna::clusters
