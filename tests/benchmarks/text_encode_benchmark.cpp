#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include "lacuna/files/files.h"
#include "lacuna/text/text.h"

// Throughput of encodeBatch: FOLDER with a tokenizer, FILE of one text a line, threads. Compare with the crate's own
// encode_batch_fast on the same lines and threads (RAYON_NUM_THREADS).

int main(int argc, char** argv) {
  using namespace lacuna;
  if (argc < 4) return std::fprintf(stderr, "usage: %s FOLDER FILE THREADS\n", argv[0]), 2;
  const auto tokenizer = text::Tokenizer::load(argv[1]);
  const std::string all = files::readText(argv[2]);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    lines.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  constexpr std::size_t chunk = 8192;
  for (int run = 0; run < 3; ++run) {
    const auto start = std::chrono::steady_clock::now();
    std::size_t tokens = 0;
    for (std::size_t at = 0; at < lines.size(); at += chunk)
      for (const auto& ids : tokenizer->encodeBatch(std::span(lines).subspan(at, std::min(chunk, lines.size() - at)), {}, std::atoi(argv[3])))
        tokens += ids.size();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("encodeBatch: %zu tokens, %.2f s, %.1f MB/s\n", tokens, seconds, static_cast<double>(all.size()) / 1e6 / seconds);
  }
}
