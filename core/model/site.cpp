#include <array>
#include <utility>

#include "lacuna/model/model.h"

namespace lacuna::model {
namespace {

constexpr std::array<std::pair<Site, std::string_view>, 6> names{{{Site::ResidPre, "resid_pre"}, {Site::ResidPost, "resid_post"},
                                                                  {Site::MlpHidden, "mlp_hidden"}, {Site::AttnOut, "attn_out"},
                                                                  {Site::MlpOut, "mlp_out"}, {Site::LastHidden, "last_hidden"}}};

}  // namespace

std::string siteName(Site site) {
  for (const auto& [each, name] : names)
    if (each == site) return std::string(name);
  return {};
}

std::optional<Site> siteFromName(std::string_view name) {
  for (const auto& [site, each] : names)
    if (each == name) return site;
  return {};
}

}  // namespace lacuna::model
