#include "encoder_texts.h"

#include <algorithm>

namespace lacuna::tasks {

model::EncoderText encoderText(const text::Tokenizer& tokenizer, const std::string& text, std::int64_t maxTokens) {
  const text::Encoding encoding = tokenizer.encode(text);
  const auto& mask = encoding.specialMask;
  const auto after = static_cast<std::size_t>(std::find(mask.rbegin(), mask.rend(), std::uint8_t{0}) - mask.rbegin());
  const std::size_t n = encoding.ids.size(), kept = std::min(n, std::max(static_cast<std::size_t>(maxTokens), after)) - std::min(after, n);
  model::EncoderText out;
  for (std::size_t i = 0; i < n; ++i) {
    if (i >= kept && i + after < n) continue;
    out.ids.push_back(encoding.ids[i]);
    out.types.push_back(encoding.typeIds[i]);
  }
  return out;
}

void cutPair(std::vector<std::int32_t>& first, std::vector<std::int32_t>& second, std::size_t room) {
  while (first.size() + second.size() > room) (first.size() > second.size() ? first : second).pop_back();
}

MatrixF classLogits(const model::Encoder& encoder, const std::vector<model::EncoderText>& texts, const RunContext& context) {
  constexpr std::size_t slice = 256;
  MatrixF logits(static_cast<Eigen::Index>(texts.size()), static_cast<Eigen::Index>(encoder.info().labels.size()));
  model::EncoderRequest request;
  request.classes = true;
  for (std::size_t first = 0; first < texts.size(); first += slice) {
    context.checkpoint();
    const std::size_t count = std::min(slice, texts.size() - first);
    logits.middleRows(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(count)) =
        model::encode(encoder, std::span(texts).subspan(first, count), request, context).classes;
  }
  return logits;
}

}  // namespace lacuna::tasks
