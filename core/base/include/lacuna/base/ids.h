#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace lacuna {

/// An integer with a meaning: ids of different kinds do not convert into each other.
template <class Tag>
struct Id {
  std::int32_t value = -1;

  constexpr Id() = default;
  constexpr explicit Id(std::int64_t v) : value(static_cast<std::int32_t>(v)) {}
  constexpr bool valid() const { return value >= 0; }
  constexpr std::size_t index() const { return static_cast<std::size_t>(value); }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using ClusterId = Id<struct ClusterTag>;    ///< −1 noise, −2 ambiguous
using LayerIndex = Id<struct LayerTag>;     ///< 0-based block of the network
using NeuronIndex = Id<struct NeuronTag>;   ///< coordinate of the hooked site
using DocumentId = Id<struct DocumentTag>;  ///< row of the corpus as read into the study
using FamilyId = Id<struct FamilyTag>;      ///< documents of one origin; never split across data roles

}  // namespace lacuna

template <class Tag>
struct std::hash<lacuna::Id<Tag>> {
  std::size_t operator()(lacuna::Id<Tag> id) const noexcept { return std::hash<std::int32_t>{}(id.value); }
};
