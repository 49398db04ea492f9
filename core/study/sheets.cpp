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
using Lots = std::vector<std::pair<std::uint64_t, DocumentId>>;

/// A cluster's documents for each use, by ascending lot, no more than are needed.
struct Pool { Ids fits, shown, strangers; };

/// The documents of the lowest lots.
Ids lowest(Lots& lots, std::int64_t wanted) {
  const auto n = std::min<std::ptrdiff_t>(wanted, std::ssize(lots));
  std::partial_sort(lots.begin(), lots.begin() + n, lots.end());
  Ids ids;
  for (auto lot = lots.begin(); lot != lots.begin() + n; ++lot) ids.push_back(lot->second);
  return ids;
}

/// Clusters by document; documents of several clusters left out.
std::map<std::int32_t, Ids> membersOf(const std::vector<DocumentRow>& documents, const std::vector<store::MembershipRow>& shared) {
  std::map<std::int32_t, int> clusters;
  for (const store::MembershipRow& row : shared)
    for (const std::int32_t id : row.documents) ++clusters[id];
  std::map<std::int32_t, Ids> members;
  for (const DocumentRow& d : documents)
    if (const auto several = clusters.find(d.id.value); d.cluster >= 0 && (several == clusters.end() || several->second == 1)) members[d.cluster].push_back(d.id);
  return members;
}

/// A document's lots depend on the seed and its id alone.
Pool poolOf(const Ids& members, std::uint64_t seed) {
  Lots fits, shown, strangers;
  for (const DocumentId id : members) {
    Rng rng(seed, "sheet/lots", id.index());
    fits.emplace_back(rng.nextU64(), id);
    shown.emplace_back(rng.nextU64(), id);
    strangers.emplace_back(rng.nextU64(), id);
  }
  return {lowest(fits, kSheetDocuments), lowest(shown, kShown * kIntruderItems), lowest(strangers, kSheetDocuments)};
}

std::vector<SheetItem> fitsSheet(const Ids& chosen, ClusterId cluster) {
  std::vector<SheetItem> items{{"topic", cluster, 0, Ids(chosen.begin(), chosen.begin() + std::min<std::ptrdiff_t>(kTopicDocuments, std::ssize(chosen))), {}}};
  for (std::size_t i = 0; i < chosen.size(); ++i) items.push_back({"fits", cluster, static_cast<std::int64_t>(i), {chosen[i]}, {}});
  return items;
}

/// A document of one of the other clusters, each as likely as the next whatever its size: the lowest lots that this item gives to clusters and to
/// the chosen one's documents.
DocumentId strangerTo(ClusterId cluster, const std::map<std::int32_t, Pool>& pools, std::int64_t item, std::uint64_t seed) {
  const auto lot = [&](const std::string& of, std::size_t id) { return Rng(seed, "sheet/stranger/" + std::to_string(cluster.value) + of + std::to_string(item), id).nextU64(); };
  Lots others;
  for (const auto& [id, pool] : pools)
    if (id != cluster.value) others.emplace_back(lot("/cluster/", static_cast<std::size_t>(id)), DocumentId(id));
  if (others.empty()) return {};
  Lots documents;
  for (const DocumentId id : pools.at(lowest(others, 1).front().value).strangers) documents.emplace_back(lot("/document/", id.index()), id);
  return lowest(documents, 1).front();
}

std::vector<SheetItem> intruderSheet(const std::map<std::int32_t, Pool>& pools, ClusterId cluster, std::uint64_t seed) {
  const Ids& pool = pools.at(cluster.value).shown;   // no document twice
  if (pools.size() < 2) return {};
  std::vector<SheetItem> items;
  for (std::int64_t i = 0; (i + 1) * kShown <= std::ssize(pool); ++i) {
    SheetItem item{"intruder", cluster, i, Ids(pool.begin() + i * kShown, pool.begin() + (i + 1) * kShown), strangerTo(cluster, pools, i, seed)};
    Rng place(seed, "sheet/intruder/" + std::to_string(cluster.value), static_cast<std::uint64_t>(i));
    item.documents.insert(item.documents.begin() + static_cast<std::ptrdiff_t>(place.below(kShown + 1)), item.intruder);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

std::vector<SheetItem> drawSheets(const std::vector<DocumentRow>& documents, const std::vector<ClusterId>& clusters, const std::string& kind, std::uint64_t seed,
                                  const std::vector<store::MembershipRow>& shared) {
  std::map<std::int32_t, Pool> pools;
  for (const auto& [cluster, members] : membersOf(documents, shared)) pools.emplace(cluster, poolOf(members, seed));
  std::vector<SheetItem> all;
  for (const ClusterId cluster : clusters) {
    const auto own = pools.find(cluster.value);
    if (own == pools.end()) continue;
    auto sheet = kind == "intruder" ? intruderSheet(pools, cluster, seed) : fitsSheet(own->second.fits, cluster);
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
