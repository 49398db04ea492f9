#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// SQuAD: lower case, without ASCII punctuation and the words a, an, the; white space collapsed.
std::string squadNormalised(std::string_view text);
/// Largest over the references.
double squadExact(std::string_view prediction, const std::vector<std::string>& references);
double squadF1(std::string_view prediction, const std::vector<std::string>& references);

/// Character n-gram F-score, 0 … 100: n = 1 … 6, beta 2, white space removed, orders that either text lacks left out (Popović 2015, as
/// sacreBLEU 2 computes it for a sentence).
double chrF(std::string_view prediction, std::string_view reference);

/// Throws LAC-1301 on a bad expression.
void checkRegexes(const std::vector<std::string>& expressions);
bool exactMatch(std::string_view prediction, std::string_view reference, const ExactMatchOptions& options);

/// difflib.SequenceMatcher(None, a, b): positions of the elements in equal blocks. Not symmetric in a and b.
struct SharedTokens { std::vector<std::int64_t> inA, inB; };
SharedTokens sharedTokens(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b);

/// Windows that score every token of a long text once (the harness's rolling log-likelihood).
struct RollingWindow { std::vector<std::int32_t> context, scored; };
std::vector<RollingWindow> rollingWindows(const std::vector<std::int32_t>& tokens, std::int32_t prefix, std::int64_t maxLength);

}  // namespace lacuna::tasks
