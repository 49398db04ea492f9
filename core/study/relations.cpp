#include "relations.h"

#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "lacuna/embeddings/embeddings.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/tasks/rendered_item.h"
#include "lacuna/text/unicode.h"
#include "membership.h"

namespace lacuna::study {
namespace {

using Texts = std::vector<std::string>;
using Mean = Eigen::RowVectorXd;

/// Texts → their mean vector, [1, d].
struct TextSpace {
  std::function<Mean(const Texts&)> mean;
  std::size_t most = 0;                ///< texts read of a cluster or task, evenly spread; 0: all
  std::string name;
};

Mean meanWords(const Texts& texts) {
  constexpr int kBuckets = 4096;
  constexpr std::size_t kSlice = 512;
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Mean sum = Mean::Zero(kBuckets);
  for (std::size_t from = 0; from < views.size(); from += kSlice)
    sum += embeddings::hashedWords(std::span(views).subspan(from, std::min(kSlice, views.size() - from)), kBuckets).cast<double>().colwise().sum();
  return views.empty() ? sum : Mean(sum / static_cast<double>(views.size()));
}

/// Rows of unit length count alike; texts without a vector are left out.
Mean meanDirection(const embeddings::SentenceEncoder& encoder, const Texts& texts, const RunContext& context) {
  const MatrixF rows = encoder.encode(texts, context);
  Mean sum = Mean::Zero(rows.cols());
  double n = 0;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    const Mean row = rows.row(i).cast<double>();
    if (const double length = row.norm(); std::isfinite(length) && length > 0) sum += row / length, ++n;
  }
  return n > 0 ? Mean(sum / n) : sum;
}

TextSpace spaceOf(Workspace& w) {
  const embeddings::EmbeddingConfig& config = w.spec().embedding;
  if (config.encoder != "sentence-encoder") return {meanWords, 0, "words"};
  std::shared_ptr<const embeddings::SentenceEncoder> encoder =
      embeddings::SentenceEncoder::load(w.resolve(config.folder), w.context(), {config.prompt, config.longDocuments});
  constexpr std::size_t kEncoded = 128;
  return {[encoder, &w](const Texts& texts) { return meanDirection(*encoder, texts, w.context()); }, kEncoded, "sentence-encoder"};
}

Texts spread(const std::vector<const std::string*>& all, std::size_t most) {
  Texts texts;
  const std::size_t n = most == 0 ? all.size() : std::min(most, all.size());
  for (std::size_t i = 0; i < n; ++i) texts.push_back(*all[i * all.size() / n]);
  return texts;
}

Mean meanOfCluster(const TextSpace& space, const std::vector<DocumentRow>& documents, const std::vector<std::uint8_t>& members) {
  std::vector<const std::string*> texts;
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (members[i]) texts.push_back(&documents[i].text);
  return space.mean(spread(texts, space.most));
}

Mean meanOfTask(const TextSpace& space, const tasks::Task& task) {
  std::vector<std::string> asked;
  for (const tasks::Item& item : task.items) asked.push_back(text::stripped(item.question).empty() ? tasks::goldText(task, item) : item.question);
  std::vector<const std::string*> texts;
  for (const std::string& one : asked) texts.push_back(&one);
  return space.mean(spread(texts, space.most));
}

}  // namespace

std::vector<RelationRow> relationsOf(Workspace& w) {
  const std::vector<DocumentRow> documents = w.store().documents();
  const std::vector<ClusterRow> clusters = livingClusters(w.store());
  if (clusters.empty()) return {};
  const TextSpace space = spaceOf(w);
  std::vector<Mean> own;
  const std::vector<store::MembershipRow> shared = w.store().clusterRecord().memberships;
  for (const ClusterRow& cluster : clusters) own.push_back(meanOfCluster(space, documents, membersOf(cluster.id, documents, shared)));
  Mean centre = Mean::Zero(own.front().size());
  for (const Mean& mean : own) centre += mean / static_cast<double>(own.size());
  std::vector<RelationRow> rows;
  for (const tasks::Task& task : w.tasks()) {
    w.context().checkpoint();
    const Mean asked = meanOfTask(space, task) - centre;
    for (std::size_t k = 0; k < clusters.size(); ++k) {
      const Mean here = own[k] - centre;
      const double size = here.norm() * asked.norm();
      rows.push_back({clusters[k].id, task.name, size > 0 ? here.dot(asked) / size : std::nan(""), space.name});
    }
  }
  return rows;
}

}  // namespace lacuna::study
