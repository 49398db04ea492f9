#include "lacuna/statistics/estimate.h"

namespace lacuna::statistics {

const char* statusName(Status status) {
  switch (status) {
    case Status::Ok: return "OK";
    case Status::TooFew: return "TOO_FEW";
    case Status::ZeroVariance: return "ZERO_VARIANCE";
    case Status::NanInput: return "NAN_INPUT";
    case Status::NotConverged: return "NOT_CONVERGED";
    case Status::NotIdentified: return "NOT_IDENTIFIED";
    case Status::AtFloor: return "AT_FLOOR";
    case Status::AtCeiling: return "AT_CEILING";
    case Status::Degenerate: break;
  }
  return "DEGENERATE";
}

}  // namespace lacuna::statistics
