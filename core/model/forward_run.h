#pragma once

#include <optional>
#include <vector>

#include "engine.h"
#include "lacuna/model/forward.h"

namespace lacuna::model {

/// Where an arm parts from the clean run.
struct Parting {
  std::size_t layer = 0;
  enum class Stage { LayerStart, MlpMiddle, LayerEnd } stage = Stage::LayerStart;
  bool operator<(const Parting& other) const { return layer != other.layer ? layer < other.layer : stage < other.stage; }
  bool operator==(const Parting&) const = default;
};

/// One forest under its arms, on its way through the layers. Either all at once, an arm after the other (run), or a layer at a time, so
/// that several forests can share a pass over layers that lie in files (begin, advance 0 … end() − 1, finish). The same bits.
class ForwardRun {
 public:
  ForwardRun(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request, const RunContext& context);

  ForwardResult run();

  void begin();
  std::size_t end() const { return m_end; }   ///< layers that have to be run
  void advance(std::size_t layer);
  ForwardResult finish();

  /// Bytes that the states and results of such a run take when all its arms are on their way at once.
  static std::uint64_t bytes(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request);

 private:
  /// Arms above the layer where they parted; `next` is the layer they come to.
  struct Branch { Stack stack; std::size_t next = 0; };

  void collectRows();
  void prepareResult();
  void findEnd();
  void checkLayer(LayerIndex layer, const char* what) const;
  bool anyPartsAt(const Parting& parting) const;
  bool trunkEmpty() const { return m_trunk.slots.front().arms.empty(); }
  std::vector<std::int32_t> keptAfter(std::size_t layer, const Stack& stack) const;
  void runTrunk(std::size_t layer);
  void partHere(const Parting& here, const MlpFork* fork);
  Branch branch(std::span<const int> arms, const Parting& here, const MlpFork* fork);
  void climb(Branch& branch);
  void conclude(Stack& stack);
  void giveScores(const Stack& stack, const AlignedFloats& states);
  void giveLogits(const Stack& stack, const AlignedFloats& states);
  ForwardResult result();

  const Decoder& m_decoder;
  const ModelInfo& m_info;
  RopeTables m_ropes;
  ForestPlan m_plan;
  std::span<const Arm> m_arms;
  const ForwardRequest& m_request;
  const RunContext& m_context;
  ForwardResult m_result;
  EditTotals m_totals;
  Hooks m_hooks;
  ForestKeys m_keys;
  Engine m_engine;

  std::vector<std::optional<Parting>> m_partings;     ///< [arm]; clean arms never part
  std::vector<std::int32_t> m_rows;                   ///< rows the head reads, ascending
  std::vector<std::size_t> m_scoredRow, m_logitsRow;  ///< [scored], [logitsAt] → index in m_rows
  std::size_t m_end = 0;
  bool m_together = false;                            ///< arms wait for the layer the others are in
  Stack m_trunk;                                      ///< the clean run, and the arms that have not parted
  std::vector<Branch> m_branches;
};

}  // namespace lacuna::model
