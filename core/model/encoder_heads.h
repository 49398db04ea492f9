#pragma once

#include <cstdint>

#include "encoder_network.h"
#include "lacuna/model/encoder.h"

namespace lacuna::model {

/// Throws LAC-1004 when a head is asked for that the encoder has not.
void checkHeads(const EncoderInfo& info, const EncoderRequest& request);

/// The heads of a batch, row by row; rows may come from several threads.
class HeadOutputs {
 public:
  HeadOutputs(const Encoder& encoder, const EncoderRequest& request, std::size_t rows, EncoderResult& result);
  void run(std::size_t row, const float* states, std::int64_t tokens, int threads);

 private:
  MatrixF maskedLm(const float* states, std::int64_t tokens, int threads) const;
  VectorF pooled(const float* states) const;
  VectorF classes(const float* states, std::int64_t tokens) const;

  const Encoder& m_encoder;
  const EncoderRequest& m_request;
  EncoderResult& m_result;
};

}  // namespace lacuna::model
