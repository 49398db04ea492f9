#include "likelihoods.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "token_forest.h"

namespace lacuna::tasks {
namespace {

constexpr std::int64_t kBatchTokens = 2048;

struct FromLogits { double logProb; bool greedy; };

FromLogits readLogits(const MatrixF& logits, Eigen::Index row, std::int32_t id) {
  Eigen::Index best = 0;
  for (Eigen::Index i = 1; i < logits.cols(); ++i)
    if (logits(row, i) > logits(row, best)) best = i;
  double sum = 0;
  for (Eigen::Index i = 0; i < logits.cols(); ++i) sum += std::exp(static_cast<double>(logits(row, i)) - logits(row, best));
  return {static_cast<double>(logits(row, id)) - logits(row, best) - std::log(sum), best == id};
}

/// Texts that run through the model together.
class Batch {
 public:
  Batch(const model::Model& model, const std::vector<EncodedText>& texts) : m_model(model), m_texts(texts) {}

  void add(std::size_t index) {
    const EncodedText& text = m_texts[index];
    const std::size_t kept = text.ids.size() - (endsBeyondPositions(text, m_model.info()) ? 1 : 0);
    m_forest.add(std::span(text.ids).first(kept), text.promptLength());
    m_members.push_back(index);
  }
  bool full() const { return m_forest.tokens() >= kBatchTokens; }

  std::size_t texts() const { return m_members.size(); }

  /// What the model has to run. The layout is kept until collect().
  model::ForwardBatch forwardBatch(std::span<const model::Arm> arms) {
    m_layout = m_forest.layout();
    model::ForwardRequest request;
    request.scored = m_layout.scored;
    request.greedy = true;
    for (std::size_t i = 0; i < m_members.size(); ++i)
      if (endsBeyondPositions(m_texts[m_members[i]], m_model.info())) request.logitsAt.push_back(m_layout.ends[i]);
    return {m_layout.forest, arms, std::move(request)};
  }

  void collect(const model::ForwardResult& result, std::vector<std::vector<Likelihood>>& results, std::vector<model::EditReport>& edits) const {
    for (std::size_t arm = 0; arm < results.size(); ++arm) {
      collect(m_layout, result, arm, results[arm]);
      edits[arm] += result.edits[arm];
    }
  }

 private:
  void collect(const TokenForest::Layout& layout, const model::ForwardResult& result, std::size_t arm, std::vector<Likelihood>& into) const {
    Eigen::Index row = 0;
    for (std::size_t i = 0; i < m_members.size(); ++i) {
      const EncodedText& text = m_texts[m_members[i]];
      Likelihood likelihood;
      likelihood.greedy = true;
      const auto take = [&](double logProb, bool greedy) {
        likelihood.logProbs.push_back(logProb);
        likelihood.greedy = likelihood.greedy && greedy;
      };
      for (const std::size_t at : layout.answers[i]) take(result.logProbs[arm][at], result.isGreedy[arm][at] != 0);
      if (endsBeyondPositions(text, m_model.info())) {
        const FromLogits last = readLogits(result.logits[arm], row++, text.ids.back());
        take(last.logProb, last.greedy);
      }
      into[m_members[i]] = std::move(likelihood);
    }
  }

  const model::Model& m_model;
  const std::vector<EncodedText>& m_texts;
  TokenForest m_forest;
  std::vector<std::size_t> m_members;
  TokenForest::Layout m_layout;
};

std::vector<std::size_t> sortedOrder(const std::vector<EncodedText>& texts) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (texts[i].ok()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return texts[a].ids < texts[b].ids; });
  return order;
}

}  // namespace

double Likelihood::sum() const { return std::accumulate(logProbs.begin(), logProbs.end(), 0.0); }

std::vector<std::vector<Likelihood>> likelihoods(const model::Model& model, const std::vector<EncodedText>& texts,
                                                 std::span<const model::Arm> arms, const std::string& stage,
                                                 std::vector<model::EditReport>& edits, const RunContext& context) {
  std::vector<std::vector<Likelihood>> results(arms.size(), std::vector<Likelihood>(texts.size()));
  const std::vector<std::size_t> order = sortedOrder(texts);
  std::vector<Batch> batches;
  std::vector<model::ForwardBatch> toRun;
  for (std::size_t next = 0; next < order.size();) {
    Batch& batch = batches.emplace_back(model, texts);
    while (next < order.size() && !batch.full()) batch.add(order[next++]);
    toRun.push_back(batch.forwardBatch(arms));
  }
  std::size_t done = 0;
  context.report(stage, done, order.size());
  model::forwardEach(model, toRun, context, [&](std::size_t b, model::ForwardResult&& result, const Error* notFinite) {
    if (notFinite) throw *notFinite;
    batches[b].collect(result, results, edits);
    context.checkpoint();
    context.report(stage, done += batches[b].texts(), order.size());
  });
  return results;
}

}  // namespace lacuna::tasks
