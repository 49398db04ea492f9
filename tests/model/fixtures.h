#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/files/safetensors.h"
#include "lacuna/model/decoder.h"
#include "lacuna/model/forward.h"

/// Sets some coordinates of a state to a value, as the fixtures' edit.json says.
class SetEdit final : public lacuna::model::Edit {
 public:
  lacuna::model::Site where = lacuna::model::Site::ResidPost;
  lacuna::LayerIndex at{0};
  std::vector<std::int64_t> neurons;
  float value = 0;
  bool keep = false;   ///< leaves every bit as it is
  bool everyPosition = true;
  lacuna::model::TokenScope scope = lacuna::model::TokenScope::All;

  lacuna::model::Site site() const override { return where; }
  lacuna::LayerIndex layer() const override { return at; }
  lacuna::model::TokenScope tokens() const override { return scope; }
  bool includeFirst() const override { return everyPosition; }
  void apply(lacuna::model::SiteRows rows) const override {
    for (std::int64_t r = 0; r < rows.rows && !keep; ++r)
      for (const std::int64_t neuron : neurons)
        if (rows.selected[r]) rows.values[r * rows.width + neuron] = value;
  }
};

inline std::shared_ptr<SetEdit> makeEdit(lacuna::model::Site site, int layer, std::vector<std::int64_t> neurons, float value) {
  auto edit = std::make_shared<SetEdit>();
  edit->where = site;
  edit->at = lacuna::LayerIndex(layer);
  edit->neurons = std::move(neurons);
  edit->value = value;
  return edit;
}

inline std::filesystem::path fixture(const std::string& name) { return std::filesystem::path(LACUNA_TEST_DATA) / "models" / name; }

inline std::shared_ptr<const lacuna::model::Model> loadFixture(const std::string& name, int threads = 1) {
  lacuna::RunContext context;
  context.threads = threads;
  return lacuna::model::Model::load(fixture(name), context);
}

/// What the reference implementation made of a fixture.
class Expected {
 public:
  explicit Expected(const std::string& name) : m_file(fixture(name) / "expected.safetensors") {}
  bool has(const std::string& tensor) const { return m_file.find(tensor) != nullptr; }
  lacuna::MatrixF matrix(const std::string& tensor) const {
    const auto* const info = m_file.find(tensor);
    lacuna::MatrixF out(info->shape.at(0), info->shape.at(1));
    m_file.readFloat(*info, {out.data(), static_cast<std::size_t>(out.size())});
    return out;
  }
  std::vector<std::int32_t> ids(const std::string& tensor) const {
    const auto wide = m_file.readInt64(*m_file.find(tensor));
    return {wide.begin(), wide.end()};
  }

 private:
  lacuna::files::SafetensorsFile m_file;
};

/// The edit of edit.json under a key: "edit_resid" or "edit_mlp".
inline lacuna::model::Arm editedArm(const std::string& name, const std::string& key) {
  std::ifstream file(fixture(name) / "edit.json");
  const auto json = nlohmann::json::parse(file).at(key);
  return {{makeEdit(*lacuna::model::siteFromName(json.at("site").get<std::string>()), json.at("layer").get<int>(),
                    json.at("neurons").get<std::vector<std::int64_t>>(), json.at("value").get<float>())}};
}

inline std::vector<lacuna::model::TokenAt> everyToken(int segment, std::size_t count) {
  std::vector<lacuna::model::TokenAt> out;
  for (std::size_t t = 0; t < count; ++t) out.push_back({segment, static_cast<int>(t)});
  return out;
}

/// Token ids that every fixture's vocabulary has; a pattern that does not repeat soon.
inline std::vector<std::int32_t> someIds(int count, int start) {
  std::vector<std::int32_t> ids;
  for (int i = 0; i < count; ++i) ids.push_back((start * 17 + i * i * 7 + i * 3) % 97 + 3);
  return ids;
}

template <class Matrix>
bool sameBits(const Matrix& a, const Matrix& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}
