#include "views/corpus_words.h"

#include <QCoreApplication>
#include <map>

#include "views/format.h"

namespace lacuna::ui {
namespace {

QString words(const char* text, int n = -1) { return QCoreApplication::translate("CorpusWords", text, nullptr, n); }

}  // namespace

QString documentsText(const study::Results& results) {
  const auto rows = static_cast<std::int64_t>(results.documents.size());
  if (results.wholeDocuments == rows || results.wholeDocuments == 0) return words(QT_TRANSLATE_NOOP("CorpusWords", "%1 documents")).arg(count(rows));
  return words(QT_TRANSLATE_NOOP("CorpusWords", "%1 parts of %2 documents")).arg(count(rows), count(results.wholeDocuments));
}

QString readingKind(const std::string& kind) {
  static const std::map<std::string, const char*> known{
      {"unparsable", QT_TRANSLATE_NOOP("CorpusWords", "not readable as a row")},
      {"missing_text", QT_TRANSLATE_NOOP("CorpusWords", "no text")},
      {"empty_text", QT_TRANSLATE_NOOP("CorpusWords", "empty text")},
      {"too_long", QT_TRANSLATE_NOOP("CorpusWords", "longer than 64 MiB")},
      {"wrong_field_count", QT_TRANSLATE_NOOP("CorpusWords", "other number of fields")},
      {"damaged_row_group", QT_TRANSLATE_NOOP("CorpusWords", "damaged row group")},
      {"invalid_utf8", QT_TRANSLATE_NOOP("CorpusWords", "invalid UTF-8")},
      {"lone_surrogate", QT_TRANSLATE_NOOP("CorpusWords", "half a character (\\ud83d)")},
      {"duplicate_key", QT_TRANSLATE_NOOP("CorpusWords", "a key twice")},
      {"control_characters", QT_TRANSLATE_NOOP("CorpusWords", "control characters")}};
  const auto found = known.find(kind);
  return found == known.end() ? qs(kind) : words(found->second);
}

}  // namespace lacuna::ui
