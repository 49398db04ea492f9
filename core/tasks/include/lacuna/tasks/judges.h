#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lacuna/model/encoder.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// What turns the logits of a classification head into a score (formats.md 2.11).
enum class LabelRule { Softmax, Sigmoid, Raw };
std::string ruleName(LabelRule rule);   ///< "softmax"

/// Which label is read and how; what is empty follows from the folder's config.json.
struct ClassifierChoice { std::string label, rule; };

/// A text classifier of a local folder: P(label | text). Immutable.
class TextClassifier {
 public:
  /// The label: "toxic", "toxicity", "hate", … in this order, capitals aside. The rule: problem_type; without one softmax, but sigmoid for a
  /// single label and for models of several toxicity labels. Throws LAC-1302 (no head, label not found, rule not known) and as Encoder::load.
  static std::shared_ptr<const TextClassifier> load(const std::filesystem::path& folder, const ClassifierChoice& choice, const RunContext& context);
  explicit TextClassifier(std::shared_ptr<const model::Encoder> encoder, const ClassifierChoice& choice, const std::string& where);

  /// [texts] Texts longer than the encoder reads are cut on the right, specials kept. A text's value depends on that text alone.
  std::vector<double> scores(std::span<const std::string> texts, const RunContext& context) const;
  const std::string& label() const { return m_label; }
  LabelRule rule() const { return m_rule; }
  const std::string& hash() const { return m_encoder->info().hash; }

 private:
  std::shared_ptr<const model::Encoder> m_encoder;
  std::string m_label;
  Eigen::Index m_column = 0;
  LabelRule m_rule = LabelRule::Softmax;
};

/// BLEURT from a local folder (formats.md 2.12, 3.3): a regressor over [CLS] reference [SEP] candidate [SEP]. Immutable.
class Bleurt {
 public:
  /// Throws LAC-1302 when the folder is no regressor (one label), and as Encoder::load.
  static std::shared_ptr<const Bleurt> load(const std::filesystem::path& folder, const RunContext& context);
  Bleurt(std::shared_ptr<const model::Encoder> encoder, std::int64_t maxTokens, const std::string& where);

  /// [pairs] unbounded, about 0 … 1. Long pairs lose tokens from the longer side, of equal ones from the candidate.
  std::vector<double> scores(std::span<const TextPair> pairs, const RunContext& context) const;
  const std::string& hash() const { return m_encoder->info().hash; }
  std::int64_t maxTokens() const { return m_maxTokens; }

 private:
  model::EncoderText encoded(const TextPair& pair) const;
  std::shared_ptr<const model::Encoder> m_encoder;
  std::int64_t m_maxTokens = 0;
  std::int32_t m_first = 0, m_separator = 0;
};

/// Folders that judge, where they are not those of the task's sidecar.
struct JudgeFolders {
  std::filesystem::path classifier, bleurt;
  ClassifierChoice choice;
};

/// The models that judge what a task generates; null where it needs none.
struct Judges {
  std::shared_ptr<const TextClassifier> classifier;
  std::shared_ptr<const Bleurt> bleurt;

  /// Loads what the task needs: `folders`, else the sidecar's "classifier" and "bleurt". A BLEURT folder adds the metric "bleurt" to a
  /// task of the format generation. Throws LAC-1302.
  static Judges load(Task& task, const JudgeFolders& folders, const RunContext& context);
  bool any() const { return classifier || bleurt; }
  std::string hash() const { return classifier ? classifier->hash() : bleurt ? bleurt->hash() : ""; }
  /// How the judge was read: label and rule of a classifier, "bleurt"; empty without one.
  std::string words() const;
  /// Options that ask these models; they and `context` must outlive the scoring.
  ScoreOptions options(bool generate, const RunContext& context) const;
};

/// Folders that a sidecar names for judging; none where the file is no sidecar. Never throws.
std::vector<std::filesystem::path> judgeFolders(const std::filesystem::path& sidecar);

}  // namespace lacuna::tasks
