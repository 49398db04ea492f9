#include "questions.h"

#include <algorithm>

#include "lacuna/base/error.h"

namespace lacuna::study {

const DocumentRow* documentIn(const std::vector<DocumentRow>& documents, DocumentId id) {
  const auto at = std::lower_bound(documents.begin(), documents.end(), id, [](const DocumentRow& d, DocumentId wanted) { return d.id < wanted; });
  return at != documents.end() && at->id == id ? &*at : nullptr;
}

std::string oneLine(const std::string& text) {
  std::string out;
  bool blank = false;
  for (const char c : text) {
    const bool isBlank = c == ' ' || (c >= 0 && c < 32);
    if (!isBlank && blank && !out.empty()) out += ' ';
    if (!isBlank) out += c;
    blank = isBlank;
  }
  return out;
}

std::string raterName(const std::string& typed) {
  std::string name = oneLine(typed);
  if (name.empty()) throw Error("LAC-1504", "rater: the name is empty", "say who answers, as --rater ann");
  return name;
}

Question questionOf(const SheetItem& item) {
  Question question{item.kind, item.cluster.value, {}, item.intruder.valid() ? std::to_string(item.intruder.value) : ""};
  for (const DocumentId id : item.documents) question.documents.push_back(id.value);
  std::sort(question.documents.begin(), question.documents.end());
  return question;
}

Question questionOf(const AnnotationRow& row) {
  Question question{row.kind, row.cluster.value, row.documents, row.expected};
  std::sort(question.documents.begin(), question.documents.end());
  return question;
}

bool stillAsked(const AnnotationRow& row, const std::vector<DocumentRow>& documents) {
  if (row.kind != "topic" && row.documents.empty()) return false;
  if (row.kind == "intruder" && row.expected.empty()) return false;
  return std::all_of(row.documents.begin(), row.documents.end(), [&](std::int32_t id) {
    const DocumentRow* document = documentIn(documents, DocumentId(id));
    return document && (document->cluster == row.cluster.value) != (row.kind == "intruder" && std::to_string(id) == row.expected);
  });
}

}  // namespace lacuna::study
