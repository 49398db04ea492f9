#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

#include "lacuna/base/error.h"

namespace lacuna::store {

/// SQLite's words become ours at this wall.
template <class Body> auto guarded(const std::filesystem::path& path, Body&& body) {
  try {
    return body();
  } catch (const SQLite::Exception& e) {
    const int code = e.getErrorCode();
    const std::string text = path.string() + ": " + e.what();
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) throw Error("LAC-3001", text, "another process is using the study; try again or open it read-only");
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) throw Error("LAC-3004", text, "this is no sound study file; open a backup");
    throw Error("LAC-3002", text, "check free space and permissions of the folder; nothing that was saved before is lost");
  }
}

}  // namespace lacuna::store
