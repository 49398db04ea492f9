#pragma once

#include <string>
#include <vector>

#include "inspect.h"
#include "lacuna/model/edited_folder.h"

namespace lacuna::model {

/// The product at the end of a branch: where its weights stand in the files, and how its bias is switched on.
struct OutputProduct {
  std::string module;                  ///< "layers.3.mlp.down_proj"
  bool inputsFirst = false;            ///< stored [inputs, outputs]
  bool biased = false;                 ///< the model reads `module`.bias
  std::string biasKey;                 ///< of config.json; empty: this family has no such bias
  std::vector<std::string> biasedBy;   ///< modules of all layers that get a bias with the key
};
/// Of attn_out, or of mlp_out and mlp_hidden. Throws LAC-1201 when the family cannot be edited.
OutputProduct outputProduct(const Described& model, Capture place);

/// Throws LAC-1201 or LAC-1004 unless a change at this place can be folded; the message names the nearest place that can.
void requireFoldable(const Described& model, const AffineChange& change);

/// Name of the token table's weight.
std::string tokenTableName(const Described& model);

std::string placeName(Capture place);   ///< "mlp_out of layer 3"

}  // namespace lacuna::model
