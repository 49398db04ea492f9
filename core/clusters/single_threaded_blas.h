#pragma once

namespace lacuna::clusters {

/// OpenBLAS works on the calling thread alone while one of these lives. Work is shared out by parallelFor in blocks of fixed
/// size, so every number comes from the same calls at any thread count; a BLAS that splits a product itself promises no such thing.
class SingleThreadedBlas {
 public:
  SingleThreadedBlas();
  ~SingleThreadedBlas();
  SingleThreadedBlas(const SingleThreadedBlas&) = delete;
  SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;
};

}  // namespace lacuna::clusters
