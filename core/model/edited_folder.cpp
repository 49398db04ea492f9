#include "lacuna/model/edited_folder.h"

#include <map>

#include "fold_plan.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "memory.h"

namespace lacuna::model {
namespace {

namespace fs = std::filesystem;

bool holdsWeights(const fs::path& file) {
  const std::string end = file.extension().string(), name = file.filename().string();
  for (const char* const weights : {".safetensors", ".bin", ".pt", ".pth", ".h5", ".msgpack", ".gguf", ".onnx", ".ot"})
    if (end == weights) return true;
  return name.ends_with(".index.json");
}

VectorD scaled(const AffineChange& change, const VectorD& v) { return change.scale.size() > 0 ? VectorD(change.scale.cwiseProduct(v)) : v; }

/// W·M for y = W·(M·h): what a product makes of changed inputs.
MatrixD onInputs(const AffineChange& change, const MatrixD& weights) {
  MatrixD result = change.scale.size() > 0 ? MatrixD(weights * change.scale.asDiagonal()) : weights;
  if (change.read.rows() > 0) result += (weights * change.write.transpose()) * change.read;
  return result;
}

/// M·W for y = M·(W·x).
MatrixD onOutputs(const AffineChange& change, const MatrixD& weights) {
  MatrixD result = change.scale.size() > 0 ? MatrixD(change.scale.asDiagonal() * weights) : weights;
  if (change.read.rows() > 0) result += change.write.transpose() * (change.read * weights);
  return result;
}

class EditedFolder {
 public:
  EditedFolder(const fs::path& source, const RunContext& context)
      : m_source(source), m_context(context), m_model(describeFolder(source)), m_weights(source, m_model.family->prefixes) {
    m_weights.check(m_model.tensors);
    const auto needed = static_cast<std::uint64_t>(m_model.info.bytesFp32()), available = availableMemory();
    if (available > 0 && needed > available)
      throw Error("LAC-2001", "An edited copy of " + source.string() + " needs about " + sizeText(needed) + " of memory; " +
                                  sizeText(available) + " are free",
                  "close other programs or choose a smaller model");
    m_config = nlohmann::ordered_json::parse(files::readText(source / "config.json"));
  }

  /// Inputs of a product are changed from the last change back to the first, outputs from the first on.
  void fold(std::span<const AffineChange> changes) {
    for (const AffineChange& change : changes) requireFoldable(m_model, change);
    for (auto change = changes.rbegin(); change != changes.rend(); ++change)
      if (change->place.site == Site::MlpHidden) foldInputs(*change);
    for (const AffineChange& change : changes) {
      m_context.checkpoint();
      if (change.place.site == Site::ResidPre) foldTable(change);
      else if (change.place.site != Site::MlpHidden) foldOutputs(change);
    }
  }

  void write(const fs::path& out) {
    fs::create_directories(out);
    writeWeights(out);
    for (const auto& entry : fs::directory_iterator(m_source)) {
      const fs::path& file = entry.path();
      if (entry.is_regular_file() && !holdsWeights(file) && file.filename() != "config.json") fs::copy_file(file, out / file.filename());
    }
    for (const char* const key : {"torch_dtype", "dtype"})
      if (m_config.contains(key)) m_config[key] = "float32";
    if (!m_config.contains("dtype")) m_config["torch_dtype"] = "float32";
    files::writeFileAtomically(out / "config.json", m_config.dump(2) + "\n");
  }

 private:
  MatrixD matrixOf(const std::string& name) const {
    const files::TensorInfo& info = *m_weights.find(name);
    MatrixF values(info.shape.at(0), info.shape.at(1));
    m_weights.files().readFloat(info.name, {values.data(), static_cast<std::size_t>(values.size())});
    return values.cast<double>();
  }

  /// [outputs, inputs], changed so far.
  MatrixD& product(const OutputProduct& of) {
    const std::string name = of.module + ".weight";
    const auto known = m_matrices.find(name);
    if (known != m_matrices.end()) return known->second;
    m_transposed[name] = of.inputsFirst;
    MatrixD stored = matrixOf(name);
    return m_matrices[name] = of.inputsFirst ? MatrixD(stored.transpose()) : std::move(stored);
  }

  VectorD& bias(const OutputProduct& of) {
    const std::string name = of.module + ".bias";
    const auto known = m_vectors.find(name);
    if (known != m_vectors.end()) return known->second;
    if (!of.biased) switchOn(of);
    else m_vectors[name] = readVector(name);
    return m_vectors[name];
  }

  VectorD readVector(const std::string& name) const {
    const files::TensorInfo& info = *m_weights.find(name);
    VectorF values(info.elements());
    m_weights.files().readFloat(info.name, {values.data(), static_cast<std::size_t>(values.size())});
    return values.cast<double>();
  }

  void switchOn(const OutputProduct& of) {
    for (const std::string& module : of.biasedBy)
      if (!m_vectors.contains(module + ".bias")) m_vectors[module + ".bias"] = VectorD::Zero(m_weights.find(module + ".weight")->shape.at(0));
    m_config[of.biasKey] = true;
  }

  void foldInputs(const AffineChange& change) {
    const OutputProduct of = outputProduct(m_model, change.place);
    MatrixD& weights = product(of);
    if (change.offset.size() > 0 && !change.offset.isZero(0)) bias(of) += weights * change.offset;
    weights = onInputs(change, weights);
  }

  void foldOutputs(const AffineChange& change) {
    const OutputProduct of = outputProduct(m_model, change.place);
    MatrixD& weights = product(of);
    weights = onOutputs(change, weights);
    const bool shifts = change.offset.size() > 0 && !change.offset.isZero(0);
    if (!shifts && !of.biased && !m_vectors.contains(of.module + ".bias")) return;
    VectorD& constant = bias(of);
    VectorD moved = scaled(change, constant);
    if (change.read.rows() > 0) moved += change.write.transpose() * (change.read * constant);
    constant = shifts ? VectorD(moved + change.offset) : moved;
  }

  /// Every row of the table is a state.
  void foldTable(const AffineChange& change) {
    const std::string name = tokenTableName(m_model);
    const auto known = m_matrices.find(name);
    const MatrixD table = known != m_matrices.end() ? known->second : matrixOf(name);
    MatrixD changed = onOutputs(change, table.transpose()).transpose();
    if (change.offset.size() > 0) changed.rowwise() += change.offset.transpose();
    m_matrices[name] = std::move(changed);
  }

  std::string storedName(const std::string& name) const {
    if (const files::TensorInfo* const found = m_weights.find(name)) return found->name;
    const std::string weight = name.substr(0, name.size() - 4) + "weight";  // a bias that was switched on stands beside its weight
    const std::string& stored = m_weights.find(weight)->name;
    return stored.substr(0, stored.size() - 6) + "bias";
  }

  std::vector<float> changedValues(const std::string& name) const {
    if (const auto vector = m_vectors.find(name); vector != m_vectors.end()) {
      const VectorF values = vector->second.cast<float>();
      return {values.begin(), values.end()};
    }
    const auto transposed = m_transposed.find(name);
    const MatrixD& matrix = m_matrices.at(name);
    const bool inputsFirst = transposed != m_transposed.end() && transposed->second;
    const MatrixF values = inputsFirst ? MatrixF(matrix.transpose().cast<float>()) : MatrixF(matrix.cast<float>());
    return {values.data(), values.data() + values.size()};
  }

  void writeWeights(const fs::path& out) {
    std::map<std::string, std::vector<std::int64_t>> shapes;   // every tensor of the model once, and new biases
    for (const TensorMap::Entry& entry : m_model.tensors.entries()) shapes[entry.name] = entry.shape;
    for (const auto& [name, values] : m_vectors) shapes[name] = {values.size()};
    std::vector<std::vector<float>> values;
    std::vector<files::TensorToWrite> tensors;
    values.reserve(shapes.size());
    for (const auto& [name, shape] : shapes) {
      m_context.checkpoint();
      m_context.report("Writing weights", values.size(), shapes.size());
      if (m_vectors.contains(name) || m_matrices.contains(name)) {
        values.push_back(changedValues(name));
      } else {
        const files::TensorInfo& info = *m_weights.find(name);
        values.emplace_back(static_cast<std::size_t>(info.elements()));
        m_weights.files().readFloat(info.name, values.back());
      }
      tensors.push_back({storedName(name), "F32", shape, values.back(), {}});
    }
    files::writeSafetensors(out / "model.safetensors", tensors);
    m_context.report("Writing weights", shapes.size(), shapes.size());
  }

  fs::path m_source;
  const RunContext& m_context;
  Described m_model;
  FolderWeights m_weights;
  nlohmann::ordered_json m_config;
  std::map<std::string, MatrixD> m_matrices;   ///< by the name of the map: products [outputs, inputs], the table [vocabulary, d]
  std::map<std::string, bool> m_transposed;    ///< products that the files hold [inputs, outputs]
  std::map<std::string, VectorD> m_vectors;
};

}  // namespace

void writeEditedFolder(const fs::path& source, std::span<const AffineChange> changes, const fs::path& out, const RunContext& context) {
  try {
    if (fs::exists(out) && (!fs::is_directory(out) || !fs::is_empty(out)))
      throw Error("LAC-3002", out.string() + " exists and is not an empty folder", "choose a new folder: nothing is overwritten");
    EditedFolder folder(source, context);
    folder.fold(changes);
    folder.write(out);
  } catch (const fs::filesystem_error& error) {
    throw Error("LAC-3002", error.what());
  } catch (const std::bad_alloc&) {
    throw Error("LAC-2001", source.string() + ": memory ran out while the edited copy was made", "close other programs or choose a smaller model");
  }
}

}  // namespace lacuna::model
