#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>

namespace lacuna::store {

inline constexpr int kSchemaVersion = 1;
inline constexpr int kApplicationId = 0x4C41434E;  ///< "LACN"

void createSchema(SQLite::Database& db);
/// LAC-3003 when the file was written by a newer version, LAC-3004 when it is no study.
void checkSchema(SQLite::Database& db, const std::filesystem::path& path);
void configure(SQLite::Database& db, bool readOnly);

}  // namespace lacuna::store
