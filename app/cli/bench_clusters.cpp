#include <map>

#include "bench.h"
#include "lacuna/clusters/clusters.h"

namespace lacuna::cli {

using nlohmann::json;

void benchSilhouette(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  const MatrixF x = readBenchMatrix(o.in / "X.npy");
  const std::vector<std::int32_t> labels = readBenchIntegers(o.in / "labels.npy");
  timer.readDone();
  const std::vector<double> s = clusters::cosineSilhouettes(x, labels, context);
  double sum = 0, negative = 0, n = 0;
  std::map<std::int32_t, std::pair<double, double>> byCluster;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (labels[i] < 0) continue;
    sum += s[i];
    negative += s[i] < 0 ? 1 : 0;
    ++n;
    byCluster[labels[i]].first += s[i];
    byCluster[labels[i]].second += 1;
  }
  double macro = 0;
  for (const auto& [label, total] : byCluster) macro += total.first / total.second;
  timer.workDone();
  files::writeNpy(o.out / "silhouette.npy", std::vector<float>(s.begin(), s.end()), {static_cast<std::int64_t>(s.size())});
  files::writeFileAtomically(o.out / "summary.json", json{{"mean", sum / n}, {"macro", macro / static_cast<double>(byCluster.size())}, {"share_negative", negative / n}}.dump() + "\n");
  timer.write(o, context);
}

}  // namespace lacuna::cli
