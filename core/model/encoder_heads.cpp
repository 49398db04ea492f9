#include "encoder_heads.h"

#include <string>

#include "lacuna/base/error.h"
#include "normalise.h"

namespace lacuna::model {
namespace {

VectorF through(const Linear& linear, const VectorF& x, Activation activation = Activation::None) {
  VectorF y(linear.outputs());
  apply(linear, {.x = x.data(), .y = y.data(), .rows = 1, .activation = activation});
  return y;
}

VectorF rowOf(const float* states, std::int64_t width) { return Eigen::Map<const VectorF>(states, width); }

}  // namespace

void checkHeads(const EncoderInfo& info, const EncoderRequest& request) {
  const auto need = [&](bool asked, bool there, const char* head) {
    if (asked && !there) throw Error("LAC-1004", info.architecture + " has no " + std::string(head) + " here", "load a folder whose weights hold one");
  };
  need(request.pooler, info.pooler, "pooler");
  need(request.maskedLm, info.maskedLm, "masked-LM head");
  need(request.classes, info.classifier, "classification head");
  need(request.nextSentence, info.nextSentence, "next-sentence head");
}

HeadOutputs::HeadOutputs(const Encoder& encoder, const EncoderRequest& request, std::size_t rows, EncoderResult& result)
    : m_encoder(encoder), m_request(request), m_result(result) {
  const auto count = static_cast<Eigen::Index>(rows);
  const EncoderNetwork& network = encoder.network();
  if (request.pooler) result.pooler.resize(count, network.width);
  if (request.maskedLm) result.maskedLm.resize(rows);
  if (request.classes) result.classes.resize(count, network.labels);
  if (request.nextSentence) result.nextSentence.resize(count, 2);
}

VectorF HeadOutputs::pooled(const float* states) const {
  const EncoderNetwork& network = m_encoder.network();
  const VectorF first = rowOf(states, network.width);
  return network.vision() ? first : through(network.pooler, first, Activation::Tanh);
}

VectorF HeadOutputs::classes(const float* states, std::int64_t tokens) const {
  const EncoderNetwork& network = m_encoder.network();
  const ClassHead& head = network.classifier;
  const std::int64_t width = network.width;
  if (head.input == ClassHead::Input::Pooled) return through(head.out, pooled(states));
  if (head.input == ClassHead::Input::FirstToken) return through(head.out, through(head.dense, rowOf(states, width), head.activation));
  const std::int64_t before = 1 + network.patches.registers;
  VectorF both(2 * width);
  both.head(width) = rowOf(states, width);
  both.tail(width) = Eigen::Map<const MatrixF>(states + before * width, tokens - before, width).cast<double>().colwise().mean().cast<float>();
  return through(head.out, both);
}

MatrixF HeadOutputs::maskedLm(const float* states, std::int64_t tokens, int threads) const {
  const EncoderNetwork& network = m_encoder.network();
  const MaskedLmHead& head = network.maskedLm;
  MatrixF turned(tokens, network.width), logits(tokens, network.vocabulary);
  apply(head.dense, {.x = states, .y = turned.data(), .rows = tokens, .activation = head.activation, .threads = threads});
  normaliseRows(head.norm, turned.data(), turned.data(), tokens, network.width, threads);
  apply(head.decoder, {.x = turned.data(), .y = logits.data(), .rows = tokens, .threads = threads});
  return logits;
}

void HeadOutputs::run(std::size_t row, const float* states, std::int64_t tokens, int threads) {
  const auto r = static_cast<Eigen::Index>(row);
  if (m_request.pooler) m_result.pooler.row(r) = pooled(states);
  if (m_request.maskedLm && m_request.maskedLmAt.empty()) m_result.maskedLm[row] = maskedLm(states, tokens, threads);
  else if (m_request.maskedLm) m_result.maskedLm[row] = maskedLm(states + m_request.maskedLmAt[row] * m_encoder.network().width, 1, threads);
  if (m_request.classes) m_result.classes.row(r) = classes(states, tokens);
  if (m_request.nextSentence) m_result.nextSentence.row(r) = through(m_encoder.network().nextSentence, pooled(states));
}

}  // namespace lacuna::model
