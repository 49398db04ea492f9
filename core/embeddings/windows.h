#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/embeddings/embeddings.h"

namespace lacuna::embeddings {

/// How the tokens of a text are laid out for an encoder that reads so many at once.
struct WindowRecipe {
  std::int64_t most = 0;                ///< tokens read at once, all counted
  std::int64_t before = 0, after = 0;   ///< special tokens that the tokenizer puts around a text
  std::int64_t prompt = 0;              ///< tokens of the prompt behind the first special ones; every window has them
  bool keepEnd = false;                 ///< a text that is cut keeps its end
  bool anchored = false;                ///< the first token is not averaged: a later window begins with the last token of the one before
  LongDocuments mode = LongDocuments::Truncate;

  /// The text's own tokens that fit into one window.
  std::int64_t room() const { return most - before - after - prompt; }
};

/// What the encoder reads of one text.
struct TextWindows {
  std::vector<std::vector<std::int32_t>> ids;
  std::vector<double> weights;          ///< own tokens of each window
  TextLength length;
};
/// One window when the text fits or is cut; else full ones and a last one with what is left. Windows need room() > 0, anchored ones > 1.
TextWindows windowsOf(const WindowRecipe& recipe, std::vector<std::int32_t> ids);

/// Windows of many texts, one behind the other.
struct WindowQueue {
  std::vector<std::vector<std::int32_t>> ids;
  std::vector<std::size_t> texts;       ///< of each: its text
  std::vector<double> weights;
  std::vector<TextLength> lengths;      ///< [texts]
};
WindowQueue queueOf(const WindowRecipe& recipe, std::vector<std::vector<std::int32_t>>&& texts);

/// Weighted means of windows' vectors, summed in float64 in the order in which they come. One window alone keeps its bits.
class WindowMeans {
 public:
  WindowMeans(std::size_t texts, std::int64_t width);
  void add(std::size_t text, std::span<const float> vector, double weight);
  /// [texts, width]; NaN where none came. Leaves the sums empty.
  MatrixF take();

 private:
  MatrixD m_sums;
  std::vector<double> m_weights;
};

}  // namespace lacuna::embeddings
