#include <algorithm>
#include <map>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/files/files.h"
#include "lacuna/study/people.h"

namespace lacuna::study {
namespace {

constexpr std::int64_t kShown = 5;   // of the cluster, beside one intruder

using Ids = std::vector<DocumentId>;

/// Documents of several clusters left out.
std::map<std::int32_t, Ids> membersOf(const std::vector<DocumentRow>& documents, const std::vector<store::MembershipRow>& shared) {
  std::map<std::int32_t, int> clusters;
  for (const store::MembershipRow& row : shared)
    for (const std::int32_t id : row.documents) ++clusters[id];
  std::map<std::int32_t, Ids> members;
  for (const DocumentRow& d : documents)
    if (const auto several = clusters.find(d.id.value); d.cluster >= 0 && (several == clusters.end() || several->second == 1)) members[d.cluster].push_back(d.id);
  return members;
}

Ids drawn(const Ids& from, std::int64_t wanted, Rng& rng) {
  Ids out;
  const auto n = static_cast<std::int64_t>(from.size());
  for (const std::int64_t place : rng.sample(n, std::min(n, wanted))) out.push_back(from[static_cast<std::size_t>(place)]);
  return out;
}

std::vector<SheetItem> fitsSheet(const Ids& members, ClusterId cluster, std::uint64_t seed) {
  Rng rng(seed, "sheet/fits", cluster.index());
  const Ids chosen = drawn(members, kSheetDocuments, rng);
  if (chosen.empty()) return {};
  std::vector<SheetItem> items{{"topic", cluster, 0, Ids(chosen.begin(), chosen.begin() + std::min<std::ptrdiff_t>(kTopicDocuments, std::ssize(chosen))), {}}};
  for (std::size_t i = 0; i < chosen.size(); ++i) items.push_back({"fits", cluster, static_cast<std::int64_t>(i), {chosen[i]}, {}});
  return items;
}

/// A document of one of the other clusters, each as likely as the next whatever its size.
DocumentId strangerTo(ClusterId cluster, const std::map<std::int32_t, Ids>& members, Rng& rng) {
  std::vector<const Ids*> others;
  for (const auto& [id, ids] : members)
    if (id != cluster.value) others.push_back(&ids);
  if (others.empty()) return {};
  const Ids& from = *others[rng.below(others.size())];
  return from[rng.below(from.size())];
}

std::vector<SheetItem> intruderSheet(const std::map<std::int32_t, Ids>& members, ClusterId cluster, std::uint64_t seed) {
  const auto own = members.find(cluster.value);
  if (own == members.end() || std::ssize(own->second) < kShown || members.size() < 2) return {};
  Rng order(seed, "sheet/intruder", cluster.index());
  const Ids pool = drawn(own->second, kShown * kIntruderItems, order);   // no document twice
  std::vector<SheetItem> items;
  for (std::int64_t i = 0; (i + 1) * kShown <= std::ssize(pool); ++i) {
    Rng rng(seed, "sheet/intruder/" + std::to_string(cluster.value), static_cast<std::uint64_t>(i));
    SheetItem item{"intruder", cluster, i, Ids(pool.begin() + i * kShown, pool.begin() + (i + 1) * kShown), strangerTo(cluster, members, rng)};
    item.documents.insert(item.documents.begin() + static_cast<std::ptrdiff_t>(rng.below(kShown + 1)), item.intruder);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

std::vector<SheetItem> drawSheets(const std::vector<DocumentRow>& documents, const std::vector<ClusterId>& clusters, const std::string& kind, std::uint64_t seed,
                                  const std::vector<store::MembershipRow>& shared) {
  const auto members = membersOf(documents, shared);
  std::vector<SheetItem> all;
  for (const ClusterId cluster : clusters) {
    const auto own = members.find(cluster.value);
    if (own == members.end()) continue;
    auto sheet = kind == "intruder" ? intruderSheet(members, cluster, seed) : fitsSheet(own->second, cluster, seed);
    std::move(sheet.begin(), sheet.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<ClusterId> sheetOrder(const std::vector<ClusterRow>& clusters, const std::string& kind, const std::string& rater, std::uint64_t seed) {
  std::vector<ClusterId> order;
  for (const std::int64_t place : Rng(seed, "sheet-order/" + kind + "/" + rater).permutation(std::ssize(clusters)))
    order.push_back(clusters[static_cast<std::size_t>(place)].id);
  return order;
}

}  // namespace lacuna::study
