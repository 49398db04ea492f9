#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lacuna/base/ids.h"
#include "lacuna/base/run_context.h"

namespace lacuna::store {

/// The texts of a study's documents, read where they lie: a connection of its own, beside the one that writes, so that neither waits for the
/// other (WAL: what is read is the state of the last commit). Thread-safe; the scan has a second connection and holds up no single text.
/// Errors: LAC-3002, 3004.
class DocumentTexts {
 public:
  static std::unique_ptr<DocumentTexts> open(const std::filesystem::path& study);
  virtual ~DocumentTexts() = default;

  virtual std::string text(DocumentId id) const = 0;    ///< empty for an id that the study lacks
  /// Every document by ascending id; polls the context for a stop.
  virtual void each(const std::function<void(DocumentId, std::string_view)>& use, const RunContext& context) const = 0;
};

}  // namespace lacuna::store
