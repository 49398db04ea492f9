#pragma once

#include <cstdint>
#include <span>

#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// Mediation with cross-world terms that a network can compute (methods.md 6.3; VanderWeele 2014).
namespace lacuna::statistics {

/// Outcome Y(x, M(x')) of one item; y10 is Y(1, M(0)).
struct CrossWorld { double y11 = 0, y10 = 0, y01 = 0, y00 = 0; };

struct Effects {
  double total = 0;              ///< TE = Y(1,M1) − Y(0,M0) = PNDE + TNIE = TNDE + PNIE
  double pureDirect = 0;         ///< PNDE = Y(1,M0) − Y(0,M0)
  double totalIndirect = 0;      ///< TNIE = Y(1,M1) − Y(1,M0)
  double totalDirect = 0;        ///< TNDE = Y(1,M1) − Y(0,M1)
  double pureIndirect = 0;       ///< PNIE = Y(0,M1) − Y(0,M0)
  double interaction = 0;        ///< TNIE − PNIE
};
Effects decompose(const CrossWorld& outcome);

struct Mediation {
  Estimate total, pureDirect, totalIndirect, totalDirect, pureIndirect, interaction;   ///< means with BCa intervals on shared draws
  Estimate proportion;           ///< TNIE/TE, percentile interval; NOT_IDENTIFIED unless |TE| > 2 se
};
Mediation mediate(std::span<const CrossWorld> items, std::span<const std::int32_t> groups, const BootstrapConfig& config);

}  // namespace lacuna::statistics
