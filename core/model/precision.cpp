#include "kernels.h"
#include "lacuna/base/error.h"
#include "lacuna/model/model.h"

namespace lacuna::model {

std::string precisionName(Precision precision) { return precision == Precision::Bf16 ? "bf16" : "fp32"; }

Precision precisionFromName(const std::string& name) {
  if (name == "fp32") return Precision::Fp32;
  if (name == "bf16") return Precision::Bf16;
  throw Error("LAC-2007", "dtype '" + name + "': expected fp32 or bf16", "fp32 is the default; bf16 is faster where the processor has AMX tiles");
}

bool isFast(Precision precision) { return precision == Precision::Fp32 || &kernels() == kernelsFor(InstructionSet::Amx); }

}  // namespace lacuna::model
