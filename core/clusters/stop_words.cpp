#include "stop_words.h"

#include <algorithm>
#include <array>

namespace lacuna::clusters {

namespace {

constexpr auto kWords = std::to_array<std::string_view>({
    "about", "above", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being",
    "below", "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "don", "down", "during", "each", "either", "else",
    "ever", "every", "few", "for", "from", "further", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how", "however",
    "if", "in", "into", "is", "isn", "it", "its", "itself", "just", "ll", "many", "may", "me", "might", "more", "most", "much", "must", "my",
    "neither", "no", "nor", "not", "now", "of", "off", "on", "once", "one", "only", "or", "other", "our", "out", "over", "own", "re", "said",
    "same", "she", "should", "since", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "through", "thus", "to", "too", "under", "until", "up", "upon", "us", "ve", "very", "was", "we", "were", "what", "when", "where",
    "whether", "which", "while", "who", "whom", "whose", "why", "will", "with", "would", "yet", "you", "your",
});
static_assert(std::is_sorted(kWords.begin(), kWords.end()));

}  // namespace

bool isStopWord(std::string_view lowerCaseWord) {
  return lowerCaseWord.size() < 2 || std::binary_search(kWords.begin(), kWords.end(), lowerCaseWord);
}

}  // namespace lacuna::clusters
