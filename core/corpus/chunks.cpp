#include "lacuna/corpus/chunks.h"

#include <algorithm>
#include <cmath>

#include "lacuna/corpus/words.h"

namespace lacuna::corpus {
namespace {

constexpr double kTokensPerWord = 1.3;

std::int64_t wordsIn(std::string_view text) {
  std::int64_t words = 0;
  forEachWord(text, [&](std::string_view) { ++words; });
  return words;
}

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

/// Where a paragraph ends: behind blank lines.
std::size_t paragraphEnd(std::string_view text, std::size_t from) {
  for (std::size_t line = text.find('\n', from); line != std::string_view::npos; line = text.find('\n', line + 1)) {
    const std::size_t next = text.find_first_not_of(" \t\r", line + 1);
    if (next == std::string_view::npos || text[next] != '\n') continue;
    const std::size_t end = text.find_first_not_of(" \t\r\n", next);
    return end == std::string_view::npos ? text.size() : end;
  }
  return text.size();
}

/// Behind ". ", "! ", "? ", a line end, or the full stops of Chinese and Japanese.
std::size_t sentenceEnd(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    const bool stop = std::string_view(".!?").find(text[at]) != std::string_view::npos && at + 1 < text.size() && isBlank(text[at + 1]);
    if (stop || text[at] == '\n') return at + 1;
    for (const std::string_view mark : {"。", "！", "？"})
      if (text.substr(at).starts_with(mark)) return at + mark.size();
  }
  return text.size();
}

/// Behind the next blank, or the next ideograph.
std::size_t wordEnd(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size() && isBlank(text[at])) ++at;
  const std::size_t start = at;
  for (; at < text.size() && !isBlank(text[at]); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xE3 || lead > 0xE9) continue;
    return at > start ? at : std::min(at + 3, text.size());
  }
  return at;
}

using End = std::size_t (*)(std::string_view, std::size_t);

/// Packs pieces greedily; a piece too large for a part is cut by the next finer kind of end.
class Packer {
 public:
  explicit Packer(std::int64_t most) : m_most(most) {}

  void add(std::string_view text, std::size_t fineness) {
    static constexpr End kEnds[] = {paragraphEnd, sentenceEnd, wordEnd};
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::max(kEnds[fineness](text, from), from + 1);
      const std::string_view piece = text.substr(from, end - from);
      const std::int64_t words = wordsIn(piece);
      if (words > m_most && fineness < 2) add(piece, fineness + 1);
      else put(piece, words);
      from = end;
    }
  }
  std::vector<std::string_view> finish() {
    flush();
    return std::move(m_parts);
  }

 private:
  void put(std::string_view piece, std::int64_t words) {
    if (m_words > 0 && m_words + words > m_most) flush();
    // Pieces come one behind the other, so a part is one stretch of the text.
    m_part = m_part.empty() ? piece : std::string_view(m_part.data(), m_part.size() + piece.size());
    m_words += words;
  }
  void flush() {
    if (m_words > 0) m_parts.push_back(trimmed(m_part));
    m_part = {};
    m_words = 0;
  }

  std::int64_t m_most, m_words = 0;
  std::string_view m_part;
  std::vector<std::string_view> m_parts;
};

}  // namespace

std::int64_t estimatedTokens(std::string_view text) { return static_cast<std::int64_t>(std::ceil(kTokensPerWord * static_cast<double>(wordsIn(text)))); }

std::vector<std::string> chunkText(std::string_view text, const ChunkConfig& config) {
  Packer packer(std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(config.tokens) / kTokensPerWord)));
  packer.add(text, 0);
  std::vector<std::string> parts;
  for (const std::string_view part : packer.finish())
    if (estimatedTokens(part) >= config.least) parts.emplace_back(part);
  return parts;
}

}  // namespace lacuna::corpus
