#include "lacuna/model/forward.h"

#include <algorithm>
#include <memory>

#include "forward_run.h"
#include "lacuna/base/error.h"
#include "unshare.h"

namespace lacuna::model {
namespace {

/// Batches that go through the layers together, every one through a layer before the next is read.
class Pass {
 public:
  Pass(const Model& model, const RunContext& context, const TakeResult& take) : m_model(model), m_context(context), m_take(take) {}

  void add(std::size_t index, const ForwardBatch& batch, std::uint64_t bytes) {
    m_members.push_back({index, &batch, nullptr, nullptr});
    m_bytes += bytes;
  }
  std::uint64_t bytes() const { return m_bytes; }

  void run() {
    std::size_t end = 0;
    for (Member& member : m_members)
      attempt(member, [&] {
        member.run = std::make_unique<ForwardRun>(m_model, member.batch->forest, member.batch->arms, member.batch->request, m_context);
        member.run->begin();
        end = std::max(end, member.run->end());
      });
    for (std::size_t layer = 0; layer < end; ++layer) {
      if (m_members.size() > 1) m_context.report("Layers read from the files", layer, end);
      for (Member& member : m_members) attempt(member, [&] { member.run->advance(layer); });
    }
    for (Member& member : m_members) {
      ForwardResult result;
      attempt(member, [&] { result = member.run->finish(); });
      member.run.reset();
      m_take(member.index, std::move(result), member.failure.get());
    }
    m_members.clear();
    m_bytes = 0;
  }

 private:
  struct Member {
    std::size_t index;
    const ForwardBatch* batch;
    std::unique_ptr<ForwardRun> run;
    std::unique_ptr<Error> failure;
  };

  // States that are not finite concern one batch alone; every other error ends the work.
  template <class Step>
  void attempt(Member& member, const Step& step) {
    if (member.failure) return;
    try {
      step();
    } catch (const Error& error) {
      if (error.code() != "LAC-2002") throw;
      member.failure = std::make_unique<Error>(error);
    }
  }

  const Model& m_model;
  const RunContext& m_context;
  const TakeResult& m_take;
  std::vector<Member> m_members;
  std::uint64_t m_bytes = 0;
};

void forwardAlone(const Model& model, std::size_t index, const ForwardBatch& batch, const RunContext& context, const TakeResult& take) {
  ForwardResult result;
  try {
    result = forward(model, batch.forest, batch.arms, batch.request, context);
  } catch (const Error& error) {
    if (error.code() != "LAC-2002") throw;
    take(index, {}, &error);
    return;
  }
  take(index, std::move(result), nullptr);
}

}  // namespace

ForwardResult forward(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request,
                      const RunContext& context) {
  if (mustUnshare(model.decoder(), forest)) return forwardUnshared(model, forest, arms, request, context);
  ForwardRun run(model, forest, arms, request, context);
  if (!model.decoder().readLayer) return run.run();
  run.begin();
  for (std::size_t layer = 0; layer < run.end(); ++layer) run.advance(layer);
  return run.finish();
}

void forwardEach(const Model& model, std::span<const ForwardBatch> batches, const RunContext& context, const TakeResult& take) {
  Pass pass(model, context, take);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const ForwardBatch& batch = batches[i];
    if (!model.decoder().readLayer || mustUnshare(model.decoder(), batch.forest)) {
      pass.run();
      forwardAlone(model, i, batch, context, take);
      continue;
    }
    const std::uint64_t more = ForwardRun::bytes(model, batch.forest, batch.arms, batch.request);
    if (pass.bytes() > 0 && pass.bytes() + more > model.passBytes()) pass.run();
    pass.add(i, batch, more);
  }
  pass.run();
}

}  // namespace lacuna::model
