#include "encoded_text.h"

#include <algorithm>
#include <limits>

#include "answer_metrics.h"
#include "lacuna/base/error.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

std::int32_t prefixOf(const model::ModelInfo& info) {
  if (info.bos) return *info.bos;
  if (!info.eos.empty()) return info.eos.front();
  throw Error("LAC-1302", "The model names neither a BOS nor an EOS token, so nothing can stand before an empty context.",
              "Add bos_token_id or eos_token_id to its config.json.");
}

}  // namespace

bool endsBeyondPositions(const EncodedText& text, const model::ModelInfo& info) {
  return info.learnedPositions && static_cast<std::int64_t>(text.ids.size()) > info.maxPositions;
}

TextEncoder::TextEncoder(const model::Model& model)
    : m_model(model),
      m_prefix(prefixOf(model.info())),
      m_prefixText(model.tokenizer().token(m_prefix)),
      m_maxLength(model.info().maxPositions > 0 ? static_cast<std::size_t>(model.info().maxPositions) : std::numeric_limits<std::size_t>::max() / 2) {}

text::Encoding TextEncoder::whole(std::string_view text) const {
  // A text that writes the prefix token itself gets no second one.
  const bool hasPrefix = !m_prefixText.empty() && text.starts_with(m_prefixText);
  return m_model.tokenizer().encode(text, {.addSpecial = !hasPrefix, .specialAsText = false});
}

EncodedText TextEncoder::encode(std::string_view context, std::string_view continuation, bool withEnds) const {
  EncodedText result;
  const std::string joined = std::string(context) + std::string(continuation);
  text::Encoding all;
  std::size_t contextLength = 1;
  if (context.empty()) {
    all = m_model.tokenizer().encode(continuation, {.addSpecial = false, .specialAsText = false});
    if (all.ids.empty() || all.ids.front() != m_prefix) {
      all.ids.insert(all.ids.begin(), m_prefix);
      all.offsets.insert(all.offsets.begin(), {0, 0});
    }
  } else {
    const std::string_view kept = text::rightStripped(context);
    if (kept.empty()) {
      result.status = "blank_context";
      return result;
    }
    all = whole(joined);
    // The context's own tokens stand before the rest of the joint encoding, also where a merge over the seam makes them differ.
    const std::vector<std::int32_t> own = whole(kept).ids;
    contextLength = own.size();
    std::copy_n(own.begin(), std::min(own.size(), all.ids.size()), all.ids.begin());
  }
  if (all.ids.size() <= contextLength) result.status = "empty_continuation";
  else if (all.ids.size() - contextLength > m_maxLength) result.status = "too_long";
  if (!result.ok()) return result;
  result.scored = all.ids.size() - contextLength;
  const std::size_t cut = all.ids.size() - std::min(all.ids.size(), m_maxLength + 1);
  result.ids.assign(all.ids.begin() + static_cast<std::ptrdiff_t>(cut), all.ids.end());
  if (withEnds)
    for (std::size_t i = contextLength; i < all.offsets.size(); ++i) result.ends.push_back(all.offsets[i][1]);
  return result;
}

std::vector<EncodedText> TextEncoder::windows(std::string_view text) const {
  std::vector<EncodedText> out;
  for (RollingWindow& window : rollingWindows(whole(text).ids, m_prefix, static_cast<std::int64_t>(m_maxLength))) {
    EncodedText one;
    one.ids = std::move(window.context);
    one.ids.insert(one.ids.end(), window.scored.begin(), window.scored.end());
    one.scored = window.scored.size();
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<std::int32_t> TextEncoder::prompt(std::string_view context, int maxNewTokens) const {
  std::vector<std::int32_t> ids = whole(context).ids;
  if (ids.empty()) ids = {m_prefix};
  const auto room = static_cast<std::size_t>(std::max(maxNewTokens, 0));
  if (room >= m_maxLength)
    throw Error("LAC-1302", "max_new_tokens is " + std::to_string(maxNewTokens) + ", but the model reads only " + std::to_string(m_maxLength) + " tokens.",
                "Set a smaller generation.max_new_tokens in the task's sidecar.");
  const std::size_t kept = std::min(ids.size(), m_maxLength - room);
  ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(kept));
  return ids;
}

}  // namespace lacuna::tasks
