#include "lacuna/store/document_texts.h"

#include <mutex>

#include "guarded.h"
#include "schema.h"

namespace lacuna::store {
namespace {

class SqliteTexts final : public DocumentTexts {
 public:
  explicit SqliteTexts(std::filesystem::path path) : m_path(std::move(path)), m_db(connection()) {
    guarded(m_path, [&] { m_one = std::make_unique<SQLite::Statement>(*m_db, "SELECT text FROM document WHERE id = ?"); });
  }

  std::string text(DocumentId id) const override {
    const std::scoped_lock lock(m_mutex);
    return guarded(m_path, [&]() -> std::string {
      m_one->reset();
      m_one->bind(1, id.value);
      const std::string found = m_one->executeStep() ? m_one->getColumn(0).getString() : "";
      m_one->reset();   // lets the writer fold its log back
      return found;
    });
  }

  void each(const std::function<void(DocumentId, std::string_view)>& use, const RunContext& context) const override {
    guarded(m_path, [&] {
      const auto db = connection();
      SQLite::Statement rows(*db, "SELECT id, text FROM document ORDER BY id");
      for (std::size_t i = 0; rows.executeStep(); ++i) {
        if (i % 1024 == 0) context.checkpoint();
        const SQLite::Column text = rows.getColumn(1);
        const char* const begin = text.getText();
        use(DocumentId(rows.getColumn(0).getInt64()), {begin, static_cast<std::size_t>(text.getBytes())});
      }
    });
  }

 private:
  std::unique_ptr<SQLite::Database> connection() const {
    return guarded(m_path, [&] {
      auto db = std::make_unique<SQLite::Database>(m_path.string(), SQLite::OPEN_READONLY, 5000);
      configure(*db, true);
      return db;
    });
  }

  std::filesystem::path m_path;
  std::unique_ptr<SQLite::Database> m_db;
  mutable std::unique_ptr<SQLite::Statement> m_one;
  mutable std::mutex m_mutex;
};

}  // namespace

std::unique_ptr<DocumentTexts> DocumentTexts::open(const std::filesystem::path& study) { return std::make_unique<SqliteTexts>(study); }

}  // namespace lacuna::store
