#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/model/model.h"

namespace lacuna::model {

/// A run of tokens that continues its parent. A batch is a forest: a shared preamble, its questions, their choices.
/// There is no padding anywhere: all tokens of a forest lie one after the other, attention follows the parents.
struct Segment {
  std::vector<std::int32_t> ids;   ///< at least one
  int parent = -1;                 ///< index of an earlier segment; −1 starts a text at position 0
  bool answer = false;             ///< scored or generated tokens, as opposed to the prompt (token scope of an edit)
};
using Forest = std::vector<Segment>;

/// Which rows an edit touches. Position 0 of every text is never edited unless `includeFirst`.
enum class TokenScope { All, Prompt, Answer, Last };   ///< Last: the final token of each prompt-only text or prompt part

/// Rows of a hooked state that an edit is given. `values` points at rows·width floats, row-major, to be changed in place.
struct SiteRows {
  float* values = nullptr;
  std::int64_t rows = 0, width = 0;
  const std::uint8_t* selected = nullptr;   ///< [rows]; rows with 0 must stay as they are
  const std::int32_t* positions = nullptr;  ///< [rows] place of each row in its text; null where the caller knows none
  const std::int32_t* tokens = nullptr;     ///< [rows] place of each row among all tokens of the forest; null as above
};

/// One change of the hidden state at one site of one layer. Must treat every row alone: no result may depend on neighbours.
class Edit {
 public:
  virtual ~Edit() = default;
  virtual Site site() const = 0;
  virtual LayerIndex layer() const = 0;
  virtual TokenScope tokens() const { return TokenScope::All; }
  virtual bool includeFirst() const { return false; }
  /// A gate: asked for every row of the scope as it is before the edit; apply() leaves the rows alone that are not admitted.
  virtual bool admits(std::span<const float>) const { return true; }
  virtual void apply(SiteRows rows) const = 0;
};

/// One column of an experiment: no edits = the clean run.
struct Arm {
  std::vector<std::shared_ptr<const Edit>> edits;
};

/// A token whose log-probability given everything before it is wanted: token `offset` of `segment`.
/// Its predecessor must exist (offset > 0 or the segment has a parent).
struct ScoredToken { int segment = 0; int offset = 0; };
struct TokenAt { int segment = 0; int offset = 0; };
struct Capture { Site site = Site::ResidPost; LayerIndex layer; };

struct ForwardRequest {
  std::vector<ScoredToken> scored;
  std::vector<TokenAt> logitsAt;      ///< full rows of next-token logits
  std::vector<Capture> captures;      ///< states of all tokens, in forest order, after edits at that site
  bool greedy = false;                ///< also say whether each scored token is the argmax (first of equals)
};

/// What edits did in one arm, summed over its edits: rows touched, Σ‖Δh‖² and Σ‖h‖² over them; `candidates` are the rows of the
/// token scope. Fewer rows than candidates: a gate stayed shut.
struct EditReport {
  std::int64_t rows = 0;
  double deltaSquared = 0, stateSquared = 0;
  std::int64_t candidates = 0;
  EditReport& operator+=(const EditReport& other);
};

struct ForwardResult {
  std::vector<std::vector<float>> logProbs;              ///< [arm][scored], natural log over the full vocabulary
  std::vector<std::vector<std::uint8_t>> isGreedy;       ///< [arm][scored]
  std::vector<MatrixF> logits;                           ///< [arm] → [logitsAt, vocabulary]
  std::vector<std::vector<MatrixF>> captured;            ///< [arm][capture] → [tokens, site width]
  std::vector<EditReport> edits;                         ///< [arm]
};

/// Runs a forest under every arm. Layers below the first edit of all arms run once and are shared; arms are stacked above it.
/// Bit-exact promises: the result of a text under an arm depends on nothing else in the batch, nor on the thread count;
/// an arm whose edits change no bit equals the clean arm. Throws LAC-1004 (token id, positions), LAC-2002 (non-finite states).
ForwardResult forward(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request,
                      const RunContext& context);

/// One of many forests to be run.
struct ForwardBatch {
  Forest forest;
  std::span<const Arm> arms;
  ForwardRequest request;
};
/// Gets the result of batch `index`, in the order of the batches; where its states were not finite, the error (LAC-2002) and no result.
using TakeResult = std::function<void(std::size_t index, ForwardResult&& result, const Error* notFinite)>;

/// Runs every batch and hands its result over. A model held in memory runs them one by one; where layers stay in the files, as many as
/// the memory budget allows go through each layer before the next is read. The bits of a result are those of forward().
void forwardEach(const Model& model, std::span<const ForwardBatch> batches, const RunContext& context, const TakeResult& take);

/// Tokens drawn at random: logits / temperature, then the topK largest (with their equals), then the fewest of these whose probability
/// reaches topP. One uniform draw a token, inverted over the tokens in the order of their ids.
struct Sampling {
  double temperature = 1;      ///< above 0
  double topP = 1;             ///< above 0, at most 1
  int topK = 0;                ///< 0: all
  std::uint64_t seed = 0;
  std::string stream;          ///< Rng(seed, stream, draws[prompt]): the same draws for every arm (common random numbers)
};
/// The token that a uniform draw of [0, 1) chooses.
std::int32_t drawnToken(std::span<const float> logits, const Sampling& sampling, double uniform);

struct GenerateOptions {
  int maxNewTokens = 256;
  std::vector<std::int32_t> stopIds;                                        ///< generation ends after one of these
  std::function<bool(std::span<const std::int32_t> newIds)> stop;           ///< may be empty; asked after every token
  std::optional<Sampling> sampling;                                         ///< empty: greedy, the first of equal maxima
  std::vector<std::uint64_t> draws;                                         ///< [prompt] with sampling: which draws it gets
};

/// Continuations of every prompt under one arm, with a key-value cache; every step is run under the arm's edits. New ids only, the stop
/// id included. Prompts are independent: a continuation does not depend on its neighbours. What prompts have in common at their
/// beginning is computed once, and so are prompts that come several times. Throws LAC-1004.
std::vector<std::vector<std::int32_t>> generate(const Model& model, std::span<const std::vector<std::int32_t>> prompts, const Arm& arm,
                                                const GenerateOptions& options, const RunContext& context, EditReport* report = nullptr);

}  // namespace lacuna::model
