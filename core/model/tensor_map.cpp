#include "tensor_map.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "weights_hash.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t hugeTensor = std::int64_t{1} << 22;  // elements from which a tensor is read in slices of a quarter of that

std::string shapeText(const std::vector<std::int64_t>& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + "]";
}

/// Other spellings of a tensor's name: TensorFlow's gamma and beta, and the bias that newer writers name after the product it is tied to.
std::vector<std::string> spellings(const std::string& name) {
  std::vector<std::string> out{name};
  const auto also = [&](const char* end, const char* other) {
    if (name.ends_with(end)) out.push_back(name.substr(0, name.size() - std::string_view(end).size()) + other);
  };
  also(".weight", ".gamma");
  also(".bias", ".beta");
  also("cls.predictions.bias", "cls.predictions.decoder.bias");
  also("lm_head.bias", "lm_head.decoder.bias");
  return out;
}

/// Buffers, and heads for other work: rightly left unread.
bool leftUnread(const std::string& name) {
  for (const char* const head : {"lm_head.", "embed_out.", "cls.", "pooler.", "classifier.", "score."})
    if (name.starts_with(head)) return true;
  return isBuffer(name);
}

constexpr double mostParameters = 1e14;

}  // namespace

void refuseAbsurdTotals(const Config& config, const TensorMap& map) {
  double total = 0;
  for (const TensorMap::Entry& entry : map.entries()) {
    double elements = 1;
    for (const std::int64_t dim : entry.shape) elements *= static_cast<double>(dim);
    total += elements;
  }
  if (total > mostParameters)
    config.refuse("the sizes describe " + formatNumber(total) + " parameters; at most " + formatNumber(mostParameters) + " are allowed");
}

std::int64_t TensorMap::Entry::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) count *= dim;
  return count;
}

void TensorMap::tensor(const std::string& name, std::vector<std::int64_t> shape, std::function<void(const float*)> place) {
  m_entries.push_back({name, std::move(shape), std::move(place), nullptr});
}

void TensorMap::vector(const std::string& name, std::int64_t size, std::vector<float>& target) {
  tensor(name, {size}, [size, &target](const float* values) { target.assign(values, values + size); });
}

void TensorMap::tensorByRows(const std::string& name, std::int64_t rows, std::int64_t columns,
                             std::function<void(const float* rows, std::int64_t first, std::int64_t count)> place) {
  const auto whole = [place, rows](const float* values) { place(values, 0, rows); };
  m_entries.push_back({name, {rows, columns}, whole, std::move(place)});
}

void TensorMap::table(const std::string& name, std::int64_t rows, std::int64_t columns, std::vector<float>& target) {
  if (m_purpose != Purpose::Describe) target.resize(static_cast<std::size_t>(rows * columns));
  tensorByRows(name, rows, columns, [=, &target](const float* values, std::int64_t first, std::int64_t count) {
    std::copy_n(values, count * columns, target.begin() + first * columns);
  });
}

void TensorMap::norm(const std::string& name, std::int64_t width, bool bias, Norm& target) {
  vector(name + ".weight", width, target.weight);
  if (bias) vector(name + ".bias", width, target.bias);
}

void TensorMap::linear(Linear& target, std::int64_t inputs, std::int64_t outputs, bool bias) {
  m_productElements += inputs * outputs;
  if (m_purpose == Purpose::Describe) return;
  // A streamed layer is read into the room of the one before: every weight is written again, and what pads a panel stays zero.
  if (target.inputs() != inputs || target.outputs() != outputs) target = Linear(inputs, outputs, m_precision);
  if (bias) target.bias.assign(static_cast<std::size_t>(outputs), 0.0F);
}

void TensorMap::rows(const std::string& name, Linear& target, std::int64_t inputs, std::int64_t firstOutput, std::int64_t count, bool bias) {
  tensorByRows(name + ".weight", count, inputs, [=, &target](const float* values, std::int64_t first, std::int64_t part) {
    target.packRows(firstOutput + first, values, inputs, part);
  });
  if (bias)
    tensor(name + ".bias", {count}, [=, &target](const float* values) { std::copy_n(values, count, target.bias.begin() + firstOutput); });
}

void TensorMap::wholeLinear(const std::string& name, Linear& target, std::int64_t inputs, std::int64_t outputs, bool bias) {
  linear(target, inputs, outputs, bias);
  rows(name, target, inputs, 0, outputs, bias);
}

std::int64_t TensorMap::parameters() const {
  std::set<std::string> seen;
  std::int64_t count = 0;
  for (const Entry& entry : m_entries)
    if (seen.insert(entry.name).second) count += entry.elements();
  return count;
}

std::int64_t TensorMap::largest() const {
  std::int64_t most = 0;
  for (const Entry& entry : m_entries) most = std::max(most, entry.elements());
  return most;
}

FolderWeights::FolderWeights(const std::filesystem::path& folder, std::vector<std::string> prefixes)
    : m_folder(folder.string()), m_files(folder), m_prefixes(std::move(prefixes)) {
  for (const auto& path : weightPaths(folder)) m_shards.emplace_back(path);
}

const files::TensorInfo* FolderWeights::find(const std::string& name) const {
  for (const std::string& spelling : spellings(name)) {
    for (const std::string& prefix : m_prefixes)
      if (const files::TensorInfo* tensor = m_files.find(prefix + spelling)) return tensor;
    if (const files::TensorInfo* tensor = m_files.find(spelling)) return tensor;
  }
  return nullptr;
}

std::vector<std::string> FolderWeights::check(const TensorMap& map) const {
  std::string wrong, unusable;
  int count = 0;
  std::set<std::string> used;
  for (const TensorMap::Entry& entry : map.entries()) {
    const files::TensorInfo* const found = find(entry.name);
    if (found) used.insert(found->name);
    if (found && !isFloating(found->dtype)) unusable += (unusable.empty() ? "" : ", ") + found->name + " (" + found->dtype + ")";
    if (found && found->shape == entry.shape) continue;
    wrong += "\n  " + (found ? found->name : entry.name) + ": " +
             (found ? "expected " + shapeText(entry.shape) + ", found " + shapeText(found->shape) : "missing, expected " + shapeText(entry.shape));
    ++count;
  }
  if (count > 0)
    throw Error("LAC-1004", std::to_string(count) + " tensors of the weight files in '" + m_folder + "' are not as config.json says:" + wrong,
                "config.json and the weights are of different models, or the download is incomplete");
  if (!unusable.empty())
    throw Error("LAC-1011", "tensors of the weight files in '" + m_folder + "' hold no floating-point numbers: " + unusable,
                "convert the model to F32, F16 or BF16; quantised weights are not supported");
  std::vector<std::string> unexpected;
  for (const files::TensorInfo* const tensor : m_files.tensors())
    if (!used.contains(tensor->name) && !leftUnread(tensor->name)) unexpected.push_back(tensor->name);
  return unexpected;
}

const files::SafetensorsFile* FolderWeights::onlyFileWith(const std::string& name) const {
  const files::SafetensorsFile* only = nullptr;
  for (const files::SafetensorsFile& file : m_shards) {
    if (!file.find(name)) continue;
    if (only) return nullptr;
    only = &file;
  }
  return only;
}

const files::SafetensorsFile& FolderWeights::fileWith(const std::string& name) const {
  const auto at = std::find_if(m_shards.begin(), m_shards.end(), [&](const auto& file) { return file.find(name) != nullptr; });
  LACUNA_CHECK(at != m_shards.end());
  return *at;
}

namespace {

/// Rows first … + count of a stored matrix, as a tensor of its own.
files::TensorInfo rowsOf(const files::TensorInfo& whole, std::int64_t first, std::int64_t count) {
  const std::uint64_t rowBytes = (whole.end - whole.begin) / static_cast<std::uint64_t>(whole.shape[0]);
  files::TensorInfo part = whole;
  part.shape[0] = count;
  part.begin = whole.begin + static_cast<std::uint64_t>(first) * rowBytes;
  part.end = part.begin + static_cast<std::uint64_t>(count) * rowBytes;
  return part;
}

/// Room for one tensor on its way into its place. Each thread keeps its own: fresh memory for every tensor would cost more than reading it.
float* readRoom(std::int64_t floats) {
  thread_local AlignedFloats room;
  if (room.size() < floats) room = AlignedFloats(floats);
  return room.data();
}

/// Rows read together: 32 or a multiple, so that panels are filled whole.
std::int64_t sliceRows(std::int64_t columns) { return std::max<std::int64_t>(32, hugeTensor / 4 / columns / 32 * 32); }

}  // namespace

std::int64_t FolderWeights::readSlices(const TensorMap::Entry& entry, int threads) const {
  const std::int64_t rows = entry.shape[0], columns = entry.elements() / rows, slice = sliceRows(columns);
  const files::TensorInfo& whole = *find(entry.name);
  const files::SafetensorsFile& file = *onlyFileWith(whole.name);
  std::atomic<std::int64_t> nonFinite{0};
  parallelFor((rows + slice - 1) / slice, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    float* const values = readRoom(slice * columns);
    for (std::int64_t s = begin; s < end; ++s) {
      const std::int64_t first = s * slice, count = std::min(slice, rows - first);
      file.readFloat(rowsOf(whole, first, count), {values, static_cast<std::size_t>(count * columns)});
      nonFinite += countNonFinite(values, count * columns);
      entry.placeRows(values, first, count);
    }
  });
  return nonFinite;
}

void FolderWeights::readRows(const std::string& name, std::int64_t first, std::int64_t count, float* out, int threads) const {
  const files::TensorInfo& whole = *find(name);
  const files::SafetensorsFile& file = fileWith(whole.name);
  const std::int64_t columns = whole.elements() / whole.shape[0], slice = sliceRows(columns);
  parallelFor((count + slice - 1) / slice, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t at = begin * slice; at < std::min(end * slice, count); at += slice) {
      const std::int64_t part = std::min(slice, count - at);
      file.readFloat(rowsOf(whole, first + at, part), {out + at * columns, static_cast<std::size_t>(part * columns)});
    }
  });
}

void FolderWeights::readAhead(const std::string& name, const std::stop_token& stop) const {
  const files::TensorInfo& tensor = *find(name);
  fileWith(tensor.name).readAhead(tensor, stop);
}

void FolderWeights::readAhead(const TensorMap& map, const std::stop_token& stop) const {
  for (const TensorMap::Entry& entry : map.entries()) readAhead(entry.name, stop);
}

NonFiniteWeights FolderWeights::load(const TensorMap& map, int threads) const {
  std::vector<const TensorMap::Entry*> small;
  NonFiniteWeights all;
  for (const TensorMap::Entry& entry : map.entries()) {
    if (entry.placeRows && entry.elements() >= hugeTensor && onlyFileWith(find(entry.name)->name)) all.add(readSlices(entry, threads), entry.name);
    else small.push_back(&entry);
  }
  std::vector<std::int64_t> nonFinite(small.size());
  parallelFor(static_cast<std::int64_t>(small.size()), threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const TensorMap::Entry& entry = *small[static_cast<std::size_t>(i)];
      float* const values = readRoom(entry.elements());
      m_files.readFloat(find(entry.name)->name, {values, static_cast<std::size_t>(entry.elements())});
      nonFinite[static_cast<std::size_t>(i)] = countNonFinite(values, entry.elements());
      entry.place(values);
    }
  });
  for (std::size_t i = 0; i < small.size(); ++i)
    all.add(nonFinite[i], small[i]->name);
  return all;
}

}  // namespace lacuna::model
