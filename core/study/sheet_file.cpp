#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "questions.h"
#include "sheet_groups.h"

namespace lacuna::study {
namespace {

const std::vector<std::string> kHeader = {"kind", "group", "item", "document", "text", "answer"};
constexpr const char* kFits[] = {"fits", "not", "unsure"};

template <class Use> void eachItem(const Results& results, const std::string& rater, std::uint64_t seed, Use use) {
  for (const std::string kind : {"fits", "intruder"})
    for (const SheetItem& item : drawSheets(results.documents, sheetOrder(results.clusters, kind, rater, seed), kind, seed, results.evidence.memberships)) use(item);
}

/// A text that no spreadsheet takes for a formula.
std::string harmless(const std::string& text) { return text.find_first_of("=+-@\t\r") == 0 ? "'" + text : text; }

std::string idsOf(const std::vector<DocumentId>& documents) {
  std::string out;
  for (const DocumentId id : documents) out += (out.empty() ? "" : " ") + std::to_string(id.value);
  return out;
}

/// From 0 to what an id can be; spreadsheets may write 113 as 113.0.
std::optional<std::int32_t> wholeNumber(const std::string& text) {
  const auto value = parseNumber(text);
  if (!value || !(*value >= 0 && *value <= std::numeric_limits<std::int32_t>::max()) || std::trunc(*value) != *value) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

/// A file in which people type: where a row is, what it should hold, what it holds.
class Rows {
 public:
  explicit Rows(const std::filesystem::path& file) : m_file(file) {
    const std::string text = files::readText(file);
    m_rows = files::parseCsv(text, 0);
    if (std::count(text.begin(), text.end(), '"') % 2 != 0)   // all that follows would be one cell
      throw Error("LAC-1502", file.string() + ": a quote is opened and never closed, or there is one too many", "see the last rows that the raters' program shows: each quote within a cell is doubled");
    if (m_rows.empty() || m_rows.front() != kHeader) throw wrong(0, "expected the columns kind,group,item,document,text,answer");
    for (std::size_t i = 1; i < m_rows.size(); ++i)
      if (m_rows[i].size() != kHeader.size()) throw wrong(i, "expected 6 columns, found " + std::to_string(m_rows[i].size()));
  }
  std::size_t size() const { return m_rows.size(); }
  const std::string& cell(std::size_t row, std::size_t column) const { return m_rows[row][column]; }
  std::int64_t number(std::size_t row, std::size_t column) const {
    const auto value = wholeNumber(cell(row, column));
    if (!value) throw wrong(row, kHeader[column] + ": expected a whole number, found '" + cell(row, column) + "'");
    return *value;
  }
  Error wrong(std::size_t row, const std::string& what) const {
    return Error("LAC-1502", m_file.string() + ", row " + std::to_string(row + 1) + ": " + what, "fill in the answers alone of a file made by `lacuna-cli annotate sheet`");
  }

 private:
  std::filesystem::path m_file;
  std::vector<std::vector<std::string>> m_rows;
};

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// The answer of one row as it is stored; empty when the wording means nothing.
std::string valueOf(const std::string& kind, const std::string& answer, const std::vector<DocumentId>& documents) {
  if (kind == "topic") return answer;
  if (kind == "intruder") return std::to_string(documents.front().value);
  for (std::size_t i = 0; i < 3; ++i)
    if (lowered(answer) == kFits[i] || answer == std::to_string(i + 1)) return kFits[i];
  return "";
}

/// One item of a file: the rows that show it, and the row and value of its answer.
struct Asked {
  SheetGroup group;
  std::vector<DocumentId> documents;
  std::size_t answeredIn = 0;                ///< 0: nowhere
  std::string value;
};
using ItemKey = std::tuple<std::string, std::string, std::int64_t>;   // kind, group as written, item

/// What the rows of a file ask and what was answered, item by item.
class Sheet {
 public:
  Sheet(const Rows& rows, const Results& results, std::uint64_t seed, const std::string& clustering) : m_rows(rows), m_results(results) {
    for (std::size_t i = 1; i < rows.size(); ++i) take(i, groupOf(rows.cell(i, 1), seed, clustering));
  }
  const std::vector<ItemKey>& order() const { return m_order; }
  const Asked& at(const ItemKey& key) const { return m_items.at(key); }
  /// Topics of older files name no documents: they were the first of the group.
  std::vector<DocumentId> documentsOf(const ItemKey& key) const {
    const auto& [kind, group, item] = key;
    std::vector<DocumentId> documents = at(key).documents;
    if (kind != "topic" || !documents.empty()) return documents;
    for (std::int64_t i = 0; i < kTopicDocuments; ++i)
      if (const auto shown = m_items.find({"fits", group, i}); shown != m_items.end() && !shown->second.documents.empty()) documents.push_back(shown->second.documents.front());
    return documents;
  }

 private:
  void take(std::size_t row, const std::optional<SheetGroup>& group) {
    const std::string& kind = m_rows.cell(row, 0);
    if (kind != "topic" && kind != "fits" && kind != "intruder") throw m_rows.wrong(row, "kind: expected topic, fits or intruder, found '" + kind + "'");
    if (!group) throw m_rows.wrong(row, "group: '" + m_rows.cell(row, 1) + "' is of no sheet of this study");
    const ItemKey key{kind, m_rows.cell(row, 1), m_rows.number(row, 2)};
    const auto [at, isNew] = m_items.emplace(key, Asked{*group, {}, 0, {}});
    if (isNew) m_order.push_back(key);
    const std::vector<DocumentId> shown = documentsIn(row, *group);
    at->second.documents.insert(at->second.documents.end(), shown.begin(), shown.end());
    const std::string answer = oneLine(m_rows.cell(row, 5));
    if (answer.empty()) return;
    if (shown.empty() && kind != "topic") throw m_rows.wrong(row, "document: expected the id of a document, found nothing");
    if (at->second.answeredIn > 0) throw m_rows.wrong(row, "answered in row " + std::to_string(at->second.answeredIn + 1) + " already");
    at->second.answeredIn = row;
    at->second.value = valueOf(kind, answer, shown);
    if (at->second.value.empty()) throw m_rows.wrong(row, "answer: expected fits, not or unsure (1, 2, 3), found '" + answer + "'");
  }
  std::vector<DocumentId> documentsIn(std::size_t row, const SheetGroup& group) const {
    std::vector<DocumentId> ids;
    for (const std::string& word : words(m_rows.cell(row, 3))) {
      const auto number = wholeNumber(word);
      if (!number) throw m_rows.wrong(row, "document: expected a number, found '" + word + "'");
      ids.emplace_back(*number);
      if (group.clustering.empty() && !documentIn(m_results.documents, ids.back())) throw m_rows.wrong(row, "this study has no document " + word);
    }
    return ids;
  }
  static std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : oneLine(text)) c == ' ' ? void(out.emplace_back()) : void(out.back() += c);
    if (out.back().empty()) out.pop_back();
    return out;
  }

  const Rows& m_rows;
  const Results& m_results;
  std::map<ItemKey, Asked> m_items;
  std::vector<ItemKey> m_order;
};

/// The one document of another cluster; empty where that is not one.
std::string strangerAmong(const std::vector<DocumentId>& shown, ClusterId cluster, const Results& results) {
  std::string found;
  for (const DocumentId id : shown) {
    const DocumentRow* document = documentIn(results.documents, id);
    if (document && document->cluster == cluster.value) continue;
    if (!found.empty()) return "";
    found = std::to_string(id.value);
  }
  return found;
}

/// The item of the sheets of now, where it holds all that the file shows of it; else the item as the file has it.
SheetItem itemOf(const ItemKey& key, const Sheet& sheet, const std::map<std::tuple<std::string, ClusterId, std::int64_t>, SheetItem>& now) {
  const SheetGroup& group = sheet.at(key).group;
  const auto& [kind, name, item] = key;
  const std::vector<DocumentId> shown = sheet.documentsOf(key);
  const auto drawn = now.find({kind, group.cluster, item});
  const auto holds = [&](DocumentId id) { return std::find(drawn->second.documents.begin(), drawn->second.documents.end(), id) != drawn->second.documents.end(); };
  if (group.clustering.empty() && drawn != now.end() && std::all_of(shown.begin(), shown.end(), holds)) return drawn->second;
  return {kind, group.cluster, item, shown, {}};
}

AnnotationRow answerTo(const SheetItem& item, const std::string& rater, const Asked& asked) {
  AnnotationRow row;
  row.rater = rater;
  row.kind = item.kind;
  row.cluster = item.cluster;
  row.item = item.item;
  for (const DocumentId id : item.documents) row.documents.push_back(id.value);
  if (item.intruder.valid()) row.expected = std::to_string(item.intruder.value);
  row.value = asked.value;
  row.seconds = std::nan("");
  row.clustering = asked.group.clustering;
  return row;
}

}  // namespace

std::string writeSheet(const Results& results, const std::string& rater, std::uint64_t seed, const std::string& clustering,
                       const std::function<std::string(DocumentId)>& textOf) {
  std::string out = files::csvRow(kHeader);
  const auto add = [&](const SheetItem& item, const std::string& document, const std::string& text) {
    out += files::csvRow({item.kind, groupName(item.cluster, seed, clustering), std::to_string(item.item), document, harmless(text), ""});
  };
  eachItem(results, rater, seed, [&](const SheetItem& item) {
    if (item.kind == "topic") return add(item, idsOf(item.documents), "");
    for (const DocumentId id : item.documents)
      if (const DocumentRow* document = documentIn(results.documents, id)) add(item, std::to_string(id.value), textOf ? textOf(id) : document->text);
  });
  return out;
}

bool isSheet(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string begun(128, '\0');
  in.read(begun.data(), std::ssize(begun));
  begun.resize(static_cast<std::size_t>(in.gcount()));
  const auto rows = files::parseCsv(begun.substr(0, begun.find('\n')), 0);
  return rows.size() == 1 && rows.front() == kHeader;
}

std::vector<AnnotationRow> readSheet(const std::filesystem::path& file, const Results& results, const std::string& rater, std::uint64_t seed,
                                     const std::string& clustering) {
  std::map<std::tuple<std::string, ClusterId, std::int64_t>, SheetItem> now;
  eachItem(results, rater, seed, [&](const SheetItem& item) { now.emplace(std::tuple{item.kind, item.cluster, item.item}, item); });
  const Rows rows(file);
  const Sheet sheet(rows, results, seed, clustering);
  const std::string name = raterName(rater);
  std::vector<AnnotationRow> answers;
  for (const ItemKey& key : sheet.order()) {
    const Asked& asked = sheet.at(key);
    if (asked.answeredIn == 0) continue;
    answers.push_back(answerTo(itemOf(key, sheet, now), name, asked));
    AnnotationRow& row = answers.back();
    if (row.kind == "intruder" && row.expected.empty() && row.clustering.empty()) row.expected = strangerAmong(sheet.documentsOf(key), row.cluster, results);
  }
  return answers;
}

SheetImport importOf(std::vector<AnnotationRow> answers, const std::vector<AnnotationRow>& log, const std::vector<DocumentRow>& documents,
                     const std::string& clustering) {
  using Key = std::tuple<std::string, std::string, Question>;
  std::map<Key, std::string> newest;
  for (const AnnotationRow& row : log) newest[{row.rater, row.clustering, questionOf(row)}] = row.value;
  SheetImport out;
  for (AnnotationRow& row : answers) {
    const bool here = row.clustering.empty() || row.clustering == clustering;
    if (here) row.clustering = clustering;
    std::string& before = newest[{row.rater, row.clustering, questionOf(row)}];
    if (before == row.value) {
      ++out.known;
      continue;
    }
    out.replaced += !before.empty();
    out.unasked += !here || !stillAsked(row, documents);
    before = row.value;
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace lacuna::study
