// The kernels for any processor, and the choice between the faces.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,fp-contract=off")
#endif
#define LACUNA_ISA portable
#define LACUNA_ISA_NAME "portable"
#include "kernels_body.h"

namespace lacuna::model {

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
namespace avx2 { extern const KernelTable table; }
namespace avx512 { extern const KernelTable table; }
namespace amx { const KernelTable* table(); }
#endif

const KernelTable* kernelsFor(InstructionSet set) {
  switch (set) {
    case InstructionSet::Portable: return &portable::table;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    case InstructionSet::Avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2::table : nullptr;
    case InstructionSet::Avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")
                 ? &avx512::table : nullptr;
    case InstructionSet::Amx: return kernelsFor(InstructionSet::Avx512) ? amx::table() : nullptr;
#endif
    default: return nullptr;
  }
}

const KernelTable& kernels() {
  static const KernelTable& best = [] () -> const KernelTable& {
    for (const auto set : {InstructionSet::Amx, InstructionSet::Avx512, InstructionSet::Avx2})
      if (const KernelTable* table = kernelsFor(set)) return *table;
    return portable::table;
  }();
  return best;
}

}  // namespace lacuna::model
