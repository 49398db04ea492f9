#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/study/people.h"

namespace lacuna::study {
namespace {

const std::vector<std::string> kHeader = {"kind", "group", "item", "document", "text", "answer"};
constexpr const char* kFits[] = {"fits", "not", "unsure"};

const DocumentRow* documentOf(const Results& results, DocumentId id) {
  const auto at = std::lower_bound(results.documents.begin(), results.documents.end(), id, [](const DocumentRow& d, DocumentId wanted) { return d.id < wanted; });
  return at != results.documents.end() && at->id == id ? &*at : nullptr;
}

template <class Use> void eachItem(const Results& results, const std::string& rater, std::uint64_t seed, Use use) {
  for (const std::string kind : {"fits", "intruder"})
    for (const SheetItem& item : drawSheets(results.documents, sheetOrder(results.clusters, kind, rater, seed), kind, seed, results.evidence.memberships)) use(item);
}

/// A file in which people type: where a row is, what it should hold, what it holds.
class Rows {
 public:
  explicit Rows(const std::filesystem::path& file) : m_file(file), m_rows(files::parseCsv(files::readText(file))) {
    if (m_rows.empty() || m_rows.front() != kHeader) throw wrong(0, "expected the columns kind,group,item,document,text,answer");
    for (std::size_t i = 1; i < m_rows.size(); ++i)
      if (m_rows[i].size() != kHeader.size()) throw wrong(i, "expected 6 columns, found " + std::to_string(m_rows[i].size()));
  }
  std::size_t size() const { return m_rows.size(); }
  const std::string& cell(std::size_t row, std::size_t column) const { return m_rows[row][column]; }
  std::int64_t number(std::size_t row, std::size_t column) const {
    const auto value = parseNumber(cell(row, column));
    if (!value) throw wrong(row, kHeader[column] + ": expected a number, found '" + cell(row, column) + "'");
    return std::llround(*value);
  }
  Error wrong(std::size_t row, const std::string& what) const {
    return Error("LAC-1502", m_file.string() + ", row " + std::to_string(row + 1) + ": " + what, "fill in the answers alone of a file made by `lacuna-cli annotate sheet`");
  }

 private:
  std::filesystem::path m_file;
  std::vector<std::vector<std::string>> m_rows;
};

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r\n"), to = text.find_last_not_of(" \t\r\n");
  return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

/// The answer of one row as it is stored; empty when the wording means nothing.
std::string valueOf(const std::string& kind, const std::string& answer, DocumentId document) {
  if (kind == "topic") return answer;
  if (kind == "intruder") return std::to_string(document.value);
  for (std::size_t i = 0; i < 3; ++i)
    if (answer == kFits[i] || answer == std::to_string(i + 1)) return kFits[i];
  return "";
}

AnnotationRow answerTo(const SheetItem& item, const std::string& rater, std::string value) {
  AnnotationRow row;
  row.rater = rater;
  row.kind = item.kind;
  row.cluster = item.cluster;
  row.item = item.item;
  for (const DocumentId id : item.documents) row.documents.push_back(id.value);
  if (item.intruder.valid()) row.expected = std::to_string(item.intruder.value);
  row.value = std::move(value);
  row.seconds = std::nan("");
  return row;
}

}  // namespace

std::string writeSheet(const Results& results, const std::string& rater, std::uint64_t seed) {
  std::string out = files::csvRow(kHeader);
  const auto add = [&](const SheetItem& item, const std::string& document, const std::string& text) {
    out += files::csvRow({item.kind, std::to_string(item.cluster.value), std::to_string(item.item), document, text, ""});
  };
  eachItem(results, rater, seed, [&](const SheetItem& item) {
    if (item.kind == "topic") return add(item, "", "");
    for (const DocumentId id : item.documents)
      if (const DocumentRow* document = documentOf(results, id)) add(item, std::to_string(id.value), document->text);
  });
  return out;
}

std::vector<AnnotationRow> readSheet(const std::filesystem::path& file, const Results& results, const std::string& rater, std::uint64_t seed) {
  using Key = std::tuple<std::string, std::int32_t, std::int64_t>;
  std::map<Key, SheetItem> items;
  eachItem(results, rater, seed, [&](const SheetItem& item) { items.emplace(Key{item.kind, item.cluster.value, item.item}, item); });
  const Rows rows(file);
  std::vector<AnnotationRow> answers;
  std::map<Key, std::size_t> answered;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Key key{rows.cell(i, 0), static_cast<std::int32_t>(rows.number(i, 1)), rows.number(i, 2)};
    const auto item = items.find(key);
    if (item == items.end()) throw rows.wrong(i, "this study has no such item; was it clustered again since?");
    const DocumentId document = rows.cell(i, 3).empty() ? DocumentId() : DocumentId(rows.number(i, 3));
    const auto& shown = item->second.documents;
    if (document.valid() != (item->second.kind != "topic") || (document.valid() && std::find(shown.begin(), shown.end(), document) == shown.end()))
      throw rows.wrong(i, "document " + rows.cell(i, 3) + " is not part of that item");
    const std::string answer = trimmed(rows.cell(i, 5));
    if (answer.empty()) continue;
    const std::string value = valueOf(item->second.kind, answer, document);
    if (value.empty()) throw rows.wrong(i, "answer: expected fits, not or unsure (1, 2, 3), found '" + answer + "'");
    if (const auto [before, isNew] = answered.emplace(key, i); !isNew) throw rows.wrong(i, "answered in row " + std::to_string(before->second + 1) + " already");
    answers.push_back(answerTo(item->second, rater, value));
  }
  return answers;
}

}  // namespace lacuna::study
