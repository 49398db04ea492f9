#include <nlohmann/json.hpp>

#include "table.h"

namespace lacuna::store {

std::string termsToText(const std::vector<TermRow>& terms) {
  nlohmann::json list = nlohmann::json::array();
  for (const TermRow& term : terms) list.push_back({term.word, term.weight});
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<TermRow> termsFromText(const std::string& text) {
  std::vector<TermRow> terms;
  const nlohmann::json list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) return terms;
  for (const auto& pair : list)
    if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_number())
      terms.push_back({pair[0].get<std::string>(), pair[1].get<double>()});
  return terms;
}

}  // namespace lacuna::store
