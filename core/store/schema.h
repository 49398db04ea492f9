#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>

namespace lacuna::store {

inline constexpr int kSchemaVersion = 6;
inline constexpr int kApplicationId = 0x4C41434E;  ///< "LACN"

void createSchema(SQLite::Database& db);
/// LAC-3003 when the file was written by a newer version, LAC-3004 when it is no study. An older file is brought up to date in one
/// transaction, after a copy of it was laid beside it (x.lacuna.v1.bak); read-only it cannot be: LAC-3006.
void checkSchema(SQLite::Database& db, const std::filesystem::path& path, bool readOnly);
void configure(SQLite::Database& db, bool readOnly);

}  // namespace lacuna::store
