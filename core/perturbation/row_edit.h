#pragma once

#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

struct Row {
  std::span<float> values;
  std::int32_t position;   ///< in its text; −1 where the caller knows none
};

/// What all methods share: place, scope, gate, norm, and the walk over selected rows. A row's result depends on that row alone.
class RowEdit : public model::Edit {
 public:
  explicit RowEdit(const Perturbation& p);

  model::Site site() const override { return m_site; }
  LayerIndex layer() const override { return m_layer; }
  model::TokenScope tokens() const override { return m_tokens; }
  bool includeFirst() const override { return m_includeFirst; }
  bool admits(std::span<const float> row) const override;
  void apply(model::SiteRows rows) const override;

 protected:
  virtual void change(Row row) const = 0;
  virtual void requireWidth(std::int64_t width) const = 0;
  [[noreturn]] void refuseWidth(const std::string& what, std::int64_t width) const;
  /// refuseWidth() unless `count` numbers fit.
  void require(std::size_t count, const char* what, std::int64_t width) const;
  std::string place() const;

 private:
  model::Site m_site;
  LayerIndex m_layer;
  model::TokenScope m_tokens;
  bool m_includeFirst, m_keepNorm;
  Gate m_gate;
};

}  // namespace lacuna::perturbation
