#pragma once

#include <filesystem>

#include "config.h"
#include "families.h"
#include "lacuna/model/model.h"

namespace lacuna::model {

/// A model folder as far as config.json goes: its family, sizes, and where every weight belongs.
struct Described {
  Config config;
  const Family* family;
  ModelInfo info;
  std::unique_ptr<Decoder> decoder;   ///< options and sizes; no weights yet
  TensorMap tensors{TensorMap::Purpose::Describe};
};
Described describeFolder(const std::filesystem::path& folder, Precision precision = Precision::Fp32);

/// The dtype most weights have, as written: "F16".
std::string inspectDtype(const files::WeightFiles& files);
bool hasWeights(const std::filesystem::path& folder);

}  // namespace lacuna::model
