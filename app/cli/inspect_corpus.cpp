#include "inspect.h"

#include <map>

#include "lacuna/base/error.h"
#include "lacuna/corpus/filter.h"
#include "lacuna/files/files.h"

namespace lacuna::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostValues = 64, kMostFields = 1000, kSamples = 3, kSampleBytes = 300, kSampleFields = 100, kGlance = 200;

/// Documents by the values of each field with few of them; of the first thousand fields, as the report names no more.
class Groups {
 public:
  void count(const std::string& field, const std::string& value) {
    auto found = m_groups.find(field);
    if (found == m_groups.end()) {
      if (m_groups.size() == kMostFields) return;
      found = m_groups.emplace(field, Values()).first;
    }
    Values& values = found->second;
    if (values.size() <= kMostValues) ++values[value];
  }
  ordered_json json() const {
    ordered_json out = ordered_json::object();
    for (const auto& [field, values] : m_groups)
      if (values.size() <= kMostValues) out[field] = values;
    return out;
  }

 private:
  using Values = std::map<std::string, std::uint64_t>;
  std::map<std::string, Values> m_groups;
};

/// Of the fields of the rows, and of what is derived from them.
struct AllGroups {
  Groups fields, derived;
  void add(const corpus::Metadata& metadata) {
    for (const auto& [field, value] : metadata) {
      fields.count(field, value);
      if (const std::string host = field + ".host"; value.find("://") != std::string::npos)
        if (const auto found = corpus::fieldOf(metadata, host)) derived.count(host, *found);
    }
  }
};

/// The beginning of a text, cut between characters.
std::string beginning(const std::string& text) {
  if (text.size() <= kSampleBytes) return text;
  std::size_t end = kSampleBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + " …";
}

/// A row as it is shown: the text's beginning, and its first fields.
ordered_json sampleOf(const files::Record& record) {
  ordered_json metadata = ordered_json::object();
  for (const auto& [name, value] : record.metadata)
    if (metadata.size() < kSampleFields) metadata[name] = value;
  return {{"text", beginning(record.text)}, {"metadata", metadata}};
}

ordered_json filesJson(const files::ReadReport& r) {
  ordered_json list = ordered_json::array();
  for (const auto& f : r.files)
    list.push_back({{"path", f.path}, {"documents", f.documents}, {"damaged", f.damaged}, {"size", f.size}, {"modified_ns", f.modified}});
  return list;
}

const char* status(const files::ReadReport& r, bool full) {
  if (r.documents == 0) return "nothing to read";
  if (!r.sound()) return "completed with warnings";
  return full ? "completed" : "first rows only";
}

files::TextUnit unitOf(const std::string& name) {
  return name == "line" ? files::TextUnit::Line : name == "paragraph" ? files::TextUnit::Paragraph : files::TextUnit::File;
}

}  // namespace

ordered_json inspectCorpus(std::span<const std::filesystem::path> paths, const InspectOptions& o, const RunContext& context) {
  files::ReadOptions options;
  options.textField = o.textField;
  options.textUnit = unitOf(o.textUnit);
  options.mayBeEmpty = true;
  if (!o.full) options.maxRecords = kGlance;
  const corpus::Filter filter(o.filter);
  AllGroups groups;
  ordered_json samples = ordered_json::array();
  std::uint64_t wanted = 0;
  const files::ReadReport r = files::readRecords(paths, options, context, [&](files::Record&& record) {
    if (!filter.wants(record.metadata, record.text)) return true;
    ++wanted;
    groups.add(record.metadata);
    if (samples.size() < kSamples) samples.push_back(sampleOf(record));
    return true;
  });
  ordered_json out = {{"kind", "corpus"}, {"path", paths.front().string()}, {"status", status(r, o.full)}, {"complete", o.full},
                      {"documents", r.documents}, {"bad", r.bad}, {"repaired", r.repaired}, {"text_field", r.textField},
                      {"metadata", r.metadataFields}, {"groups", groups.fields.json()}, {"derived_groups", groups.derived.json()}, {"damaged", r.damaged()}, {"files", filesJson(r)},
                      {"examples", r.examples}, {"warnings", r.warnings}, {"bytes", r.bytes}, {"samples", samples}};
  if (!filter.all()) out["filter"] = {{"expression", o.filter}, {"documents", wanted}};
  if (r.documents > 0) return out;
  out["sound"] = false;
  const std::string first = r.examples.empty() ? "" : "; first: " + r.examples.front();
  out["problems"] = {{{"code", "LAC-1101"}, {"message", "'" + paths.front().string() + "' holds no documents" + first},
                      {"hint", "choose files or folders of JSON lines, JSON, CSV, TSV, Parquet or plain text"}}};
  return out;
}

}  // namespace lacuna::cli
