#include <algorithm>
#include <array>
#include <cmath>

#include "encoder_texts.h"
#include "lacuna/base/error.h"
#include "lacuna/tasks/judges.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

constexpr std::array kToxicNames{"toxic", "toxicity", "hate", "hateful", "hatespeech", "hate_speech", "hate speech", "offensive"};
constexpr std::array kKinds{"severe_toxic", "severe_toxicity", "obscene", "threat", "insult", "identity_hate", "identity_attack"};

std::string listed(const std::vector<std::string>& labels) {
  std::string names;
  for (const std::string& label : labels) names += (names.empty() ? "" : ", ") + label;
  return names;
}

Eigen::Index columnOf(const std::vector<std::string>& labels, const std::string& wanted) {
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (text::lower(labels[i]) == text::lower(wanted)) return static_cast<Eigen::Index>(i);
  return -1;
}

Eigen::Index chosenColumn(const std::vector<std::string>& labels, const std::string& wanted, const std::string& where) {
  if (!wanted.empty()) {
    if (const Eigen::Index column = columnOf(labels, wanted); column >= 0) return column;
    throw Error("LAC-1302", where + ": the classifier has no label \"" + wanted + "\".", "Its labels: " + listed(labels) + ".");
  }
  if (labels.size() == 1) return 0;
  for (const char* const name : kToxicNames)
    if (const Eigen::Index column = columnOf(labels, name); column >= 0) return column;
  throw Error("LAC-1302", where + ": none of the classifier's labels is known to mean toxic: " + listed(labels) + ".",
              "Name the label (--classifier-label, or \"classifier\": {\"label\": …} in the task's sidecar).");
}

bool hasToxicityKinds(const std::vector<std::string>& labels) {
  return std::any_of(kKinds.begin(), kKinds.end(), [&](const char* kind) { return columnOf(labels, kind) >= 0; });
}

LabelRule ruleOf(const model::EncoderInfo& info, const std::string& wanted, const std::string& where) {
  if (wanted == "softmax") return LabelRule::Softmax;
  if (wanted == "sigmoid") return LabelRule::Sigmoid;
  if (wanted == "raw") return LabelRule::Raw;
  if (!wanted.empty()) throw Error("LAC-1302", where + ": the rule \"" + wanted + "\" for a classifier's labels is not known.", "Known: softmax, sigmoid, raw.");
  if (info.problemType == "regression") return LabelRule::Raw;
  if (info.problemType == "multi_label_classification") return LabelRule::Sigmoid;
  if (info.labels.size() == 1) return info.family == "bleurt" ? LabelRule::Raw : LabelRule::Sigmoid;
  if (info.problemType.empty() && hasToxicityKinds(info.labels)) return LabelRule::Sigmoid;
  return LabelRule::Softmax;
}

double softmaxAt(const MatrixF& logits, Eigen::Index row, Eigen::Index column) {
  double sum = 0;
  for (Eigen::Index c = 0; c < logits.cols(); ++c) sum += std::exp(static_cast<double>(logits(row, c)) - static_cast<double>(logits(row, column)));
  return 1 / sum;
}

double scoreAt(LabelRule rule, const MatrixF& logits, Eigen::Index row, Eigen::Index column) {
  const auto logit = static_cast<double>(logits(row, column));
  if (rule == LabelRule::Softmax) return softmaxAt(logits, row, column);
  return rule == LabelRule::Sigmoid ? 1 / (1 + std::exp(-logit)) : logit;
}

}  // namespace

std::string ruleName(LabelRule rule) {
  if (rule == LabelRule::Softmax) return "softmax";
  return rule == LabelRule::Sigmoid ? "sigmoid" : "raw";
}

TextClassifier::TextClassifier(std::shared_ptr<const model::Encoder> encoder, const ClassifierChoice& choice, const std::string& where)
    : m_encoder(std::move(encoder)) {
  const model::EncoderInfo& info = m_encoder->info();
  if (!info.classifier)
    throw Error("LAC-1302", where + ": " + info.architecture + " has no classification head here.",
                "Give a folder whose architecture is …ForSequenceClassification, with the weights of its head.");
  m_column = chosenColumn(info.labels, choice.label, where);
  m_label = info.labels[static_cast<std::size_t>(m_column)];
  m_rule = ruleOf(info, choice.rule, where);
}

std::shared_ptr<const TextClassifier> TextClassifier::load(const std::filesystem::path& folder, const ClassifierChoice& choice, const RunContext& context) {
  return std::make_shared<TextClassifier>(model::Encoder::load(folder, context), choice, folder.string());
}

std::vector<double> TextClassifier::scores(std::span<const std::string> texts, const RunContext& context) const {
  std::vector<model::EncoderText> rows;
  for (const std::string& text : texts) rows.push_back(encoderText(m_encoder->tokenizer(), text, m_encoder->info().maxPositions));
  const MatrixF logits = classLogits(*m_encoder, rows, context);
  std::vector<double> out;
  for (Eigen::Index row = 0; row < logits.rows(); ++row) out.push_back(scoreAt(m_rule, logits, row, m_column));
  return out;
}

}  // namespace lacuna::tasks
