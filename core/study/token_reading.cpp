#include "token_reading.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "lacuna/base/rng.h"

namespace lacuna::study {
namespace {

constexpr std::size_t kMostDocuments = 500;
constexpr int kTokensOfADocument = 8;
constexpr std::int64_t kStateBytes = std::int64_t{256} << 20;   // of the sites read in one pass
constexpr int kDraws = 500;

/// The usable documents of role Evaluate and their clusters.
struct HeldOut {
  corpus::Corpus corpus;
  std::vector<std::int32_t> labels;
  std::vector<std::vector<std::uint8_t>> members;   ///< [clusters] where documents may be in several

  bool isMember(std::int32_t document, ClusterId cluster) const {
    const auto i = static_cast<std::size_t>(document);
    return members.empty() ? labels[i] == cluster.value : members[cluster.index()][i] != 0;
  }
};

/// At most kMostDocuments of them, drawn by id: a corpus may lie in the order of its sources.
HeldOut heldOut(const ProbeMaterial& documents, const corpus::Corpus& part, std::uint64_t seed) {
  std::vector<std::pair<double, std::size_t>> keyed;
  for (std::size_t i = 0; i < part.documents.size(); ++i)
    if (documents.input.roles[i] == probes::SplitRole::Evaluate && documents.input.labels[i] != -2)
      keyed.emplace_back(Rng(seed, "token-documents", static_cast<std::uint64_t>(part.documents[i].id.value)).uniform(), i);
  std::sort(keyed.begin(), keyed.end());
  keyed.resize(std::min(keyed.size(), kMostDocuments));
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  HeldOut out;
  out.members.resize(documents.members.size());
  for (const auto& [key, i] : keyed) {
    out.corpus.documents.push_back(part.documents[i]);
    out.labels.push_back(documents.input.labels[i]);
    for (std::size_t c = 0; c < out.members.size(); ++c) out.members[c].push_back(documents.members[c][i]);
  }
  return out;
}

/// As many sites as fit into memory together; at least one.
std::vector<std::vector<model::Capture>> passes(const std::vector<model::Capture>& sites, const model::ModelInfo& info, std::size_t documents) {
  std::vector<std::vector<model::Capture>> out;
  std::int64_t bytes = kStateBytes;
  for (const model::Capture& site : sites) {
    const auto wanted = info.siteWidth(site.site) * static_cast<std::int64_t>(documents * kTokensOfADocument * sizeof(float));
    if (out.empty() || bytes + wanted > kStateBytes) {
      out.emplace_back();
      bytes = 0;
    }
    out.back().push_back(site);
    bytes += wanted;
  }
  return out;
}

using Place = std::tuple<std::int64_t, std::string, std::int64_t, std::string>;   ///< cluster, site, layer, kind

class TokenReading {
 public:
  TokenReading(Workspace& w, const HeldOut& held, std::vector<ProbeRow>& rows, const std::vector<store::DirectionRow>& directions)
      : m_w(w), m_held(held), m_rows(rows) {
    for (const store::DirectionRow& row : directions)
      if (row.kind == "probe" || row.kind == "probe-scalars") m_directions[{row.cluster.value, row.site, row.layer.value, row.kind}] = &row.values;
  }

  void read(const std::vector<model::Capture>& sites) {
    activations::ActivationConfig config;
    config.sites = sites;
    config.maxTokens = m_w.spec().probeMaxTokens;
    const activations::TokenStates tokens = activations::collectTokens(m_held.corpus, m_w.model(), config, kTokensOfADocument, m_w.context());
    for (ProbeRow& row : m_rows)
      for (std::size_t s = 0; s < sites.size(); ++s)
        if (row.site == model::siteName(sites[s].site) && row.layer == sites[s].layer) judge(row, tokens.states[s], tokens.documents);
  }

 private:
  const VectorD* direction(const ProbeRow& row, const char* kind) const {
    const auto found = m_directions.find({row.cluster.value, row.site, row.layer.value, kind});
    return found == m_directions.end() ? nullptr : found->second;
  }
  void judge(ProbeRow& row, const MatrixF& states, const std::vector<std::int32_t>& documents) const {
    const VectorD *weights = direction(row, "probe"), *scalars = direction(row, "probe-scalars");
    if (!weights || !scalars) return;
    m_w.context().checkpoint();
    probes::Probe probe;
    probe.wRaw = *weights;
    probe.bRaw = (*scalars)[0];
    std::vector<std::uint8_t> labels;
    for (const std::int32_t document : documents) labels.push_back(m_held.isMember(document, row.cluster) ? 1 : 0);
    const statistics::Estimate auc = probes::tokenAuc(probe, states, labels, documents, {kDraws, m_w.spec().level, m_w.spec().seed});
    row.tokenAuc = auc.value;
    row.tokenAucLow = auc.low;
    row.tokenAucHigh = auc.high;
  }

  Workspace& m_w;
  const HeldOut& m_held;
  std::vector<ProbeRow>& m_rows;
  std::map<Place, const VectorD*> m_directions;
};

}  // namespace

void readTokens(Workspace& w, const ProbeMaterial& documents, const corpus::Corpus& part, std::vector<ProbeRow>& rows,
                const std::vector<store::DirectionRow>& directions) {
  for (ProbeRow& row : rows) row.tokenAuc = row.tokenAucLow = row.tokenAucHigh = std::nan("");
  const HeldOut held = heldOut(documents, part, w.spec().seed);
  if (held.labels.empty()) return;
  std::vector<model::Capture> sites;
  for (const ProbeRow& row : rows) {
    const model::Capture site{*model::siteFromName(row.site), row.layer};
    if (sites.empty() || sites.back().site != site.site || sites.back().layer != site.layer) sites.push_back(site);
  }
  TokenReading reading(w, held, rows, directions);
  const auto groups = passes(sites, w.modelInfo(), held.labels.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    w.context().report("Reading single tokens", g, groups.size());
    reading.read(groups[g]);
  }
}

}  // namespace lacuna::study
