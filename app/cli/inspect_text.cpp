#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "inspect.h"
#include "lacuna/base/numbers.h"
#include "lacuna/base/terminal.h"

namespace lacuna::cli {
namespace {

using nlohmann::ordered_json;

std::string word(const ordered_json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}
std::int64_t count(const ordered_json& json, const char* key) { return json.contains(key) ? json[key].get<std::int64_t>() : 0; }

/// 1234567 → "1,234,567".
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string size(std::int64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return mebibytes < 1024 ? formatFixed(mebibytes, 1) + " MiB" : formatFixed(mebibytes / 1024, 2) + " GiB";
}

std::string sizesText(const ordered_json& m) {
  std::string out = "  " + grouped(count(m, "layers")) + " layers × " + grouped(count(m, "width")) + " wide, MLP " +
                    grouped(count(m, "mlp_width")) + ", " + grouped(count(m, "heads")) + " heads";
  if (count(m, "kv_heads") != count(m, "heads")) out += " over " + grouped(count(m, "kv_heads")) + " of keys and values";
  if (count(m, "max_positions") > 0) out += ", " + grouped(count(m, "max_positions")) + " positions";
  out += "\n  " + grouped(count(m, "parameters")) + " parameters, stored as " + word(m, "dtype");
  if (count(m, "stored_bytes") > 0) out += " (" + size(count(m, "stored_bytes")) + ")";
  return out + "; in memory " + size(count(m, "memory_fp32_bytes")) + " as fp32, " + size(count(m, "memory_bf16_bytes")) + " as bf16\n";
}

std::string tokenizerText(const ordered_json& m) {
  if (!m.contains("tokenizer") || word(m, "role") == "vision encoder") return "";
  if (m["tokenizer"].is_null()) return "  no tokenizer that can be read\n";
  std::string out = "  tokenizer: " + word(m["tokenizer"], "kind") + ", " + grouped(count(m["tokenizer"], "vocabulary")) + " tokens";
  if (count(m, "vocabulary") > 0) out += " for " + grouped(count(m, "vocabulary")) + " rows";
  return out + "\n";
}

std::string findings(const ordered_json& m) {
  std::string out;
  if (m.contains("warnings"))
    for (const auto& warning : m["warnings"]) out += "  note: " + warning.get<std::string>() + "\n";
  if (m.value("damaged", false)) return out + "  damaged: what stands before the damage was read\n";
  if (m.value("sound", true)) return out + "  sound\n";
  out += "  not sound:\n";
  for (const auto& problem : m["problems"]) {
    out += "  " + word(problem, "code") + ": " + word(problem, "message") + "\n";
    if (!word(problem, "hint").empty()) out += "    → " + word(problem, "hint") + "\n";
  }
  return out;
}

std::string modelText(const ordered_json& m) {
  std::string out = word(m, "path") + "\n  " + word(m, "role");
  if (!word(m, "architecture").empty()) out += ": " + word(m, "architecture") + " (" + word(m, "model_type") + ")";
  out += "\n";
  if (!word(m, "pipeline").empty()) out += "  " + word(m, "pipeline") + "\n";
  if (count(m, "parameters") > 0) out += sizesText(m);
  return out + tokenizerText(m) + findings(m);
}

/// "en 12,345 · de 678": the largest groups of a field.
std::string groupText(const ordered_json& values) {
  std::vector<std::pair<std::int64_t, std::string>> sorted;
  for (const auto& [value, documents] : values.items()) sorted.emplace_back(-documents.get<std::int64_t>(), value);
  std::sort(sorted.begin(), sorted.end());
  std::string out;
  for (std::size_t i = 0; i < sorted.size() && i < 8; ++i) out += (i > 0 ? " · " : "") + sorted[i].second + " " + grouped(-sorted[i].first);
  return sorted.size() > 8 ? out + " · and " + std::to_string(sorted.size() - 8) + " more" : out;
}

/// White space that would end a line is shown as a blank.
std::string oneLine(std::string text) {
  for (char& c : text) c = c == '\n' || c == '\r' || c == '\t' || c == '\v' || c == '\f' ? ' ' : c;
  return text;
}

/// At most so many bytes, cut between characters.
std::string beginning(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes) + " …";
}

std::string countsText(const char* what, const ordered_json& counts) {
  std::string out;
  for (const auto& [kind, rows] : counts.items()) out += (out.empty() ? "" : ", ") + kind + " " + grouped(rows.get<std::int64_t>());
  return out.empty() ? out : std::string("  ") + what + ": " + out + "\n";
}

std::string samplesText(const ordered_json& samples) {
  std::string out;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    out += "  row " + std::to_string(i + 1) + ": " + oneLine(word(samples[i], "text")) + "\n";
    std::string fields;
    for (const auto& [name, value] : samples[i]["metadata"].items())
      fields += (fields.empty() ? "" : ", ") + name + " = " + beginning(value.get<std::string>(), 60);
    if (!fields.empty()) out += "         " + oneLine(fields) + "\n";
  }
  return out;
}

/// Whether any value of a field is shared: a field of names or addresses groups nothing.
bool repeats(const ordered_json& values) {
  return std::any_of(values.begin(), values.end(), [](const ordered_json& documents) { return documents.get<std::uint64_t>() > 1; });
}

std::string corpusText(const ordered_json& c) {
  std::string out = word(c, "path") + "\n  corpus: " + grouped(count(c, "documents")) + (c.value("complete", false) ? " documents, " : " documents looked at, ") +
                    size(count(c, "bytes")) + " of text, " + grouped(static_cast<std::int64_t>(c["files"].size())) + " files; " + word(c, "status") + "\n";
  out += "  text: " + (word(c, "text_field").empty() ? "the files themselves" : "the field '" + word(c, "text_field") + "'") + "\n";
  if (c.contains("filter")) out += "  filter: " + grouped(count(c["filter"], "documents")) + " of them\n";
  std::string fields;
  for (const auto& name : c["metadata"]) fields += (fields.empty() ? "" : ", ") + name.get<std::string>();
  if (!fields.empty()) out += "  fields: " + oneLine(fields) + "\n";
  for (const char* const kind : {"groups", "derived_groups"})
    for (const auto& [field, values] : c[kind].items())
      if (values.size() > 1 && repeats(values)) out += "  by " + oneLine(field + ": " + groupText(values)) + "\n";
  out += samplesText(c["samples"]) + countsText("left out", c["bad"]) + countsText("repaired", c["repaired"]);
  for (const auto& file : c["files"])
    if (file.value("damaged", false)) out += "  damaged: " + oneLine(word(file, "path")) + "\n";
  for (const auto& example : c["examples"]) out += "    " + oneLine(example.get<std::string>()) + "\n";
  return out + findings(c);
}

std::string linesOf(const ordered_json& json) {
  if (json.contains("role")) return modelText(json);
  if (word(json, "kind") == "corpus" && json.contains("documents")) return corpusText(json);
  if (!json.value("sound", true)) return word(json, "path") + "\n  " + word(json, "kind") + "\n" + findings(json);
  std::string out;
  for (const auto& [key, value] : json.items()) {
    if (value.is_structured() && value.empty()) continue;
    out += key + ": " +
           (value.is_string() ? value.get<std::string>()
                              : value.dump(value.is_structured() ? 2 : -1, ' ', false, nlohmann::json::error_handler_t::replace)) +
           "\n";
  }
  return out;
}

}  // namespace

std::string asLines(const ordered_json& json) { return forTerminal(linesOf(json)); }

}  // namespace lacuna::cli
