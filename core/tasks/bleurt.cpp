#include <algorithm>

#include "encoder_texts.h"
#include "lacuna/base/error.h"
#include "lacuna/files/json.h"
#include "lacuna/tasks/judges.h"

namespace lacuna::tasks {
namespace {

namespace fs = std::filesystem;

/// What the folder says a pair may hold: Google's own file first, then the tokenizer's. Absurdly large numbers mean no limit.
std::int64_t statedLength(const fs::path& folder) {
  for (const auto& [file, key] : {std::pair{"bleurt_config.json", "max_seq_length"}, std::pair{"tokenizer_config.json", "model_max_length"}}) {
    if (!fs::exists(folder / file)) continue;
    const nlohmann::json json = files::readJson(folder / file, "LAC-1003");
    const auto found = json.find(key);
    if (found != json.end() && found->is_number_unsigned()) return static_cast<std::int64_t>(std::min<std::uint64_t>(found->get<std::uint64_t>(), 1U << 30));
  }
  return std::int64_t{1} << 30;
}

}  // namespace

Bleurt::Bleurt(std::shared_ptr<const model::Encoder> encoder, std::int64_t maxTokens, const std::string& where) : m_encoder(std::move(encoder)) {
  const model::EncoderInfo& info = m_encoder->info();
  if (!info.classifier || info.labels.size() != 1)
    throw Error("LAC-1302", where + ": this is no BLEURT: expected a sequence classification head with one label, found " +
                                (info.classifier ? std::to_string(info.labels.size()) + " labels" : "no such head") + " (" + info.architecture + ").",
                "Give a folder of BleurtForSequenceClassification or BertForSequenceClassification with num_labels 1.");
  m_maxTokens = std::min(maxTokens, info.maxPositions);
  const std::vector<std::int32_t> around = m_encoder->tokenizer().encode("").ids;
  if (around.size() != 2) throw Error("LAC-1302", where + ": the tokenizer puts no [CLS] and [SEP] around a text.", "Add the tokenizer's own files to the folder.");
  m_first = around[0];
  m_separator = around[1];
  if (m_maxTokens < 4) throw Error("LAC-1302", where + ": it reads only " + std::to_string(m_maxTokens) + " tokens; a pair needs 4.");
}

std::shared_ptr<const Bleurt> Bleurt::load(const fs::path& folder, const RunContext& context) {
  return std::make_shared<Bleurt>(model::Encoder::load(folder, context), statedLength(folder), folder.string());
}

model::EncoderText Bleurt::encoded(const TextPair& pair) const {
  const text::EncodeOptions plain{.addSpecial = false, .specialAsText = false};
  auto reference = m_encoder->tokenizer().encode(pair.reference, plain).ids, candidate = m_encoder->tokenizer().encode(pair.candidate, plain).ids;
  cutPair(reference, candidate, static_cast<std::size_t>(m_maxTokens - 3));
  model::EncoderText text;
  const auto add = [&](const std::vector<std::int32_t>& ids, std::int32_t type) {
    text.ids.insert(text.ids.end(), ids.begin(), ids.end());
    text.ids.push_back(m_separator);
    text.types.resize(text.ids.size(), type);
  };
  text.ids.push_back(m_first);
  add(reference, 0);
  add(candidate, m_encoder->info().tokenTypes > 1 ? 1 : 0);
  return text;
}

std::vector<double> Bleurt::scores(std::span<const TextPair> pairs, const RunContext& context) const {
  std::vector<model::EncoderText> rows;
  for (const TextPair& pair : pairs) rows.push_back(encoded(pair));
  const MatrixF logits = classLogits(*m_encoder, rows, context);
  std::vector<double> out;
  for (Eigen::Index row = 0; row < logits.rows(); ++row) out.push_back(static_cast<double>(logits(row, 0)));
  return out;
}

}  // namespace lacuna::tasks
