#include "perturb_option.h"

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::cli {

model::Arm perturbationArm(const std::string& file) {
  const nlohmann::json json = nlohmann::json::parse(files::readText(file), nullptr, false);
  if (json.is_discarded()) throw Error("LAC-1201", file + ": not valid JSON", "write one perturbation, or a list of them");
  model::Arm arm;
  for (const nlohmann::json& one : json.is_array() ? json : nlohmann::json::array({json}))
    for (const auto& edit : perturbation::makeArm(perturbation::fromJson(one)).edits) arm.edits.push_back(edit);
  return arm;
}

}  // namespace lacuna::cli
