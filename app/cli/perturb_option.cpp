#include "perturb_option.h"

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

namespace lacuna::cli {

perturbation::PerturbationSet readPerturbations(const std::string& file) {
  const nlohmann::json json = nlohmann::json::parse(files::readText(file), nullptr, false);
  if (json.is_discarded()) throw Error("LAC-1201", file + ": not valid JSON", "write one perturbation, or a list of them");
  return perturbation::setFromJson(json);
}

model::Arm perturbationArm(const std::string& file) { return perturbation::makeArm(readPerturbations(file)); }

}  // namespace lacuna::cli
