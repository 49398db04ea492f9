#include <algorithm>
#include <map>

#include "corpus_spec.h"
#include "lacuna/base/numbers.h"
#include "lacuna/corpus/filter.h"
#include "lacuna/files/files.h"
#include "looked.h"

namespace lacuna::study {

/// The rows themselves, whole: a filter may ask for any part of them.
class LookedRows {
 public:
  std::vector<files::Record> records;
};

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRows = 200, kMostValues = 64, kShown = 3, kShownBytes = 400;

std::string cut(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

void measureFiles(const fs::path& path, CorpusLook& look) {
  const auto add = [&](const fs::path& file) {
    look.fileBytes += fs::file_size(file);
    ++look.files;
  };
  if (fs::is_regular_file(path)) return add(path);
  for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied))
    if (entry.is_regular_file()) add(entry.path());
}

struct Counted {
  std::map<std::string, std::int64_t> values;
  std::int64_t rows = 0;
  bool derived = false;
};

std::map<std::string, Counted> countedFields(const std::vector<files::Record>& records) {
  std::map<std::string, Counted> fields;
  const auto count = [&](const std::string& field, const std::string& value, bool derived) {
    Counted& counted = fields[field];
    ++counted.values[value];
    ++counted.rows;
    counted.derived = derived;
  };
  for (const files::Record& record : records)
    for (const auto& [field, value] : record.metadata) {
      count(field, value, false);
      if (const std::string host = field + ".host"; value.find("://") != std::string::npos && !record.metadata.contains(host))
        if (const auto found = corpus::fieldOf(record.metadata, host)) count(host, *found, true);
    }
  return fields;
}

FieldLook fieldLook(const std::string& name, const Counted& counted) {
  FieldLook look{name, counted.derived, true, counted.rows, static_cast<std::int64_t>(std::min(counted.values.size(), kMostValues + 1)), {}};
  for (const auto& [value, rows] : counted.values) look.numeric = look.numeric && parseNumber(value).has_value();
  if (counted.values.size() > kMostValues) return look;
  look.values.assign(counted.values.begin(), counted.values.end());
  std::stable_sort(look.values.begin(), look.values.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return look;
}

void fill(CorpusLook& look, const files::ReadReport& report) {
  look.textField = report.textField;
  look.fields = report.metadataFields;
  look.documents = report.documents;
  for (const auto& [kind, count] : report.bad) look.bad += count;
  look.complete = report.documents < kRows;
  look.warnings = report.warnings;
  look.warnings.insert(look.warnings.end(), report.examples.begin(), report.examples.end());
}

}  // namespace

CorpusLook lookAtCorpus(const CorpusInput& input, const RunContext& context) {
  return looked(CorpusLook(), [&](CorpusLook& look) {
    for (const fs::path& path : input.paths) requirePath(path), measureFiles(path, look);
    files::ReadOptions options;
    options.textField = input.textField;
    options.textUnit = textUnitFromName(input.textUnit);
    options.maxRecords = kRows;
    auto rows = std::make_shared<LookedRows>();
    fill(look, files::readRecords(input.paths, options, context, [&](files::Record&& record) {
      rows->records.push_back(std::move(record));
      return true;
    }));
    for (std::size_t i = 0; i < std::min(kShown, rows->records.size()); ++i) look.rows.push_back(cut(rows->records[i].text));
    for (const auto& [name, counted] : countedFields(rows->records)) look.groups.push_back(fieldLook(name, counted));
    look.kept = std::move(rows);
  });
}

std::vector<std::int64_t> rowsPassing(const CorpusLook& look, const std::vector<std::string>& filters, const RunContext& context) {
  std::vector<std::int64_t> passing;
  for (const std::string& expression : filters) {
    std::int64_t& count = passing.emplace_back(0);
    try {
      const corpus::Filter filter(expression);
      if (!look.kept) continue;
      for (const files::Record& record : look.kept->records) {
        context.checkpoint();
        count += filter.wants(record.metadata, record.text) ? 1 : 0;
      }
    } catch (const corpus::FilterError&) {
      count = -1;
    }
  }
  return passing;
}

}  // namespace lacuna::study
