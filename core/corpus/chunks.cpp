#include "lacuna/corpus/chunks.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "lacuna/corpus/words.h"
#include "lacuna/text/text.h"

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

/// Behind at most so many bytes, and the character that they end in.
std::size_t stretchEnd(std::string_view text, std::size_t from, std::size_t bytes) {
  std::size_t at = std::min(from + bytes, text.size());
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

/// What a part may hold, in words or in tokens.
struct Measure {
  std::function<std::int64_t(std::string_view)> count;
  bool exact = false;      ///< tokens of a tokenizer: nothing is too small to be cut
};

/// Packs pieces greedily; a piece too large for a part is cut by the next finer kind of end.
class Packer {
 public:
  Packer(const Measure& measure, std::int64_t most) : m_measure(measure), m_most(most) {}

  void add(std::string_view text, std::size_t fineness) {
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::max(pieceEnd(text, from, fineness), from + 1);
      const std::string_view piece = text.substr(from, end - from);
      const std::int64_t size = m_measure.count(piece);
      if (size > m_most && fineness < (m_measure.exact ? 3U : 2U)) add(piece, fineness + 1);
      else put(piece, size);
      from = end;
    }
  }
  std::vector<std::string_view> finish() {
    flush();
    return std::move(m_parts);
  }

 private:
  std::size_t pieceEnd(std::string_view text, std::size_t from, std::size_t fineness) const {
    if (fineness == 0) return paragraphEnd(text, from);
    if (fineness == 1) return sentenceEnd(text, from);
    return fineness == 2 ? wordEnd(text, from) : stretchEnd(text, from, static_cast<std::size_t>(std::max<std::int64_t>(1, m_most / 4)));
  }
  void put(std::string_view piece, std::int64_t size) {
    if (m_size > 0 && m_size + size > m_most) flush();
    // Pieces come one behind the other, so a part is one stretch of the text.
    m_part = m_part.empty() ? piece : std::string_view(m_part.data(), m_part.size() + piece.size());
    m_size += size;
  }
  void flush() {
    if (m_size > 0) m_parts.push_back(trimmed(m_part));
    m_part = {};
    m_size = 0;
  }

  const Measure& m_measure;
  std::int64_t m_most, m_size = 0;
  std::string_view m_part;
  std::vector<std::string_view> m_parts;
};

std::vector<std::string> chunksByWords(std::string_view text, const ChunkConfig& config) {
  const Measure words{wordsIn};
  Packer packer(words, std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(config.tokens) / kTokensPerWord)));
  packer.add(text, 0);
  std::vector<std::string> parts;
  for (const std::string_view part : packer.finish())
    if (estimatedTokens(part) >= config.least) parts.emplace_back(part);
  return parts;
}

/// Pieces are counted one by one; a part as a whole may come out longer, and is then cut again with so much less.
void cutByTokens(std::string_view text, const Measure& tokens, std::int64_t limit, std::int64_t most, std::int64_t least, std::vector<std::string>& parts) {
  Packer packer(tokens, most);
  packer.add(text, 0);
  for (const std::string_view part : packer.finish()) {
    const std::int64_t size = tokens.count(part);
    if (size > limit && most > 1) cutByTokens(part, tokens, limit, std::max<std::int64_t>(1, most - (size - limit)), least, parts);
    else if (size >= least) parts.emplace_back(part);
  }
}

std::int64_t specialsOf(const text::Tokenizer& tokenizer) {
  const auto mask = tokenizer.encode("a").specialMask;
  return std::count(mask.begin(), mask.end(), 1);
}

}  // namespace

std::int64_t estimatedTokens(std::string_view text) { return static_cast<std::int64_t>(std::ceil(kTokensPerWord * static_cast<double>(wordsIn(text)))); }

std::vector<std::string> chunkText(std::string_view text, const ChunkConfig& config, const text::Tokenizer* tokenizer) {
  if (tokenizer == nullptr) return chunksByWords(text, config);
  const auto count = [&](std::string_view piece) { return std::ssize(tokenizer->encode(piece, {.addSpecial = false, .specialAsText = true}).ids); };
  const std::int64_t limit = std::max<std::int64_t>(1, config.tokens - specialsOf(*tokenizer));
  std::vector<std::string> parts;
  cutByTokens(text, {count, true}, limit, limit, config.least, parts);
  return parts;
}

}  // namespace lacuna::corpus
