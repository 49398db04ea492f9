#include "lacuna/text/text.h"

namespace lacuna::text {
namespace {

constexpr std::size_t window = 48, kept = 8;  // ids decoded at a step, and those left as context when all of them are given
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Without the characters at the end that further ids may complete.
std::string_view settled(std::string_view text) {
  while (text.ends_with(replacement)) text.remove_suffix(replacement.size());
  return text;
}

}  // namespace

std::string DecodeStream::give(const std::string& text) {
  if (text.size() <= m_given.size()) return {};
  std::string fresh = text.substr(m_given.size());
  m_given = text;
  return fresh;
}

/// Leaves the last ids alone, unless that would cut a character in two: then later.
void DecodeStream::forget(const std::string& text) {
  const std::vector<std::int32_t> last(m_ids.end() - kept, m_ids.end());
  const std::string lastText = m_tokenizer.decode(last, m_skipSpecial);
  if (lastText.empty() || !text.ends_with(lastText)) return;
  m_ids = last;
  m_given = lastText;
}

std::string DecodeStream::step(std::int32_t id) {
  m_ids.push_back(id);
  const std::string text = m_tokenizer.decode(m_ids, m_skipSpecial);
  const std::string_view sure = settled(text);
  std::string fresh = give(std::string(sure));
  if (m_ids.size() >= window && sure.size() == text.size()) forget(text);
  return fresh;
}

std::string DecodeStream::finish() {
  const std::string rest = give(m_tokenizer.decode(m_ids, m_skipSpecial));
  m_ids.clear();
  m_given.clear();
  return rest;
}

}  // namespace lacuna::text
