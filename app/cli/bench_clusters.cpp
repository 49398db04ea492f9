#include "bench.h"
#include "lacuna/clusters/silhouettes.h"

namespace lacuna::cli {

void benchSilhouette(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  const MatrixF x = readBenchMatrix(o.in / "X.npy", context);
  const std::vector<std::int32_t> labels = readBenchIntegers(o.in / "labels.npy");
  timer.readDone();
  const std::vector<double> s = clusters::cosineSilhouettes(x, labels, context);
  const clusters::SilhouetteSummary summary = clusters::summarise(s, labels);
  timer.workDone();
  files::writeNpy(o.out / "silhouette.npy", std::vector<float>(s.begin(), s.end()), {static_cast<std::int64_t>(s.size())});
  files::writeFileAtomically(o.out / "summary.json",
                             nlohmann::json{{"mean", summary.mean}, {"macro", summary.macro}, {"share_negative", summary.shareNegative}}.dump() + "\n");
  timer.write(o, context);
}

}  // namespace lacuna::cli
