#include "windows.h"

#include <algorithm>
#include <limits>

#include "lacuna/base/error.h"

namespace lacuna::embeddings {
namespace {

/// Cuts the text's own tokens, never the specials around it.
TextWindows truncated(const WindowRecipe& recipe, std::vector<std::int32_t>&& ids, std::int64_t own) {
  const std::int64_t extra = std::max<std::int64_t>(0, std::ssize(ids) - recipe.most);
  const auto first = recipe.keepEnd ? ids.begin() + recipe.before : ids.end() - recipe.after - extra;
  ids.erase(first, first + extra);
  const std::int64_t lost = recipe.keepEnd ? std::max<std::int64_t>(0, extra - recipe.prompt) : extra;
  TextWindows out{{}, {}, {own, std::max<std::int64_t>(0, own - lost)}};
  if (ids.empty()) return out;
  out.ids.push_back(std::move(ids));
  out.weights.push_back(1);
  return out;
}

/// The stretch [begin, end) of the text's own tokens with what every window has.
std::vector<std::int32_t> window(const WindowRecipe& recipe, const std::vector<std::int32_t>& ids, std::int64_t begin, std::int64_t end) {
  const std::int64_t head = recipe.before + recipe.prompt, anchor = recipe.anchored && begin > 0 ? 1 : 0;
  std::vector<std::int32_t> out(ids.begin(), ids.begin() + head);
  out.insert(out.end(), ids.begin() + head + begin - anchor, ids.begin() + head + end);
  out.insert(out.end(), ids.end() - recipe.after, ids.end());
  return out;
}

}  // namespace

std::string longDocumentsName(LongDocuments mode) { return mode == LongDocuments::Windows ? "windows" : "truncate"; }

std::optional<LongDocuments> longDocumentsFromName(const std::string& name) {
  for (const LongDocuments mode : {LongDocuments::Truncate, LongDocuments::Windows})
    if (name == longDocumentsName(mode)) return mode;
  return std::nullopt;
}

TextWindows windowsOf(const WindowRecipe& recipe, std::vector<std::int32_t> ids) {
  const std::int64_t own = std::max<std::int64_t>(0, std::ssize(ids) - recipe.before - recipe.after - recipe.prompt);
  if (std::ssize(ids) <= recipe.most || recipe.mode == LongDocuments::Truncate) return truncated(recipe, std::move(ids), own);
  LACUNA_CHECK(recipe.room() > (recipe.anchored ? 1 : 0));
  TextWindows out{{}, {}, {own, own}};
  for (std::int64_t begin = 0, end = 0; begin < own; begin = end) {
    end = std::min(own, begin + recipe.room() - (recipe.anchored && begin > 0 ? 1 : 0));
    out.ids.push_back(window(recipe, ids, begin, end));
    out.weights.push_back(static_cast<double>(end - begin));
  }
  return out;
}

WindowQueue queueOf(const WindowRecipe& recipe, std::vector<std::vector<std::int32_t>>&& texts) {
  WindowQueue queue;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    TextWindows windows = windowsOf(recipe, std::move(texts[i]));
    for (auto& ids : windows.ids) queue.ids.push_back(std::move(ids));
    queue.texts.insert(queue.texts.end(), windows.ids.size(), i);
    queue.weights.insert(queue.weights.end(), windows.weights.begin(), windows.weights.end());
    queue.lengths.push_back(windows.length);
  }
  return queue;
}

WindowMeans::WindowMeans(std::size_t texts, std::int64_t width)
    : m_sums(static_cast<Eigen::Index>(texts), width), m_weights(texts, 0) {}

void WindowMeans::add(std::size_t text, std::span<const float> vector, double weight) {
  const auto weighted = Eigen::Map<const Eigen::RowVectorXf>(vector.data(), std::ssize(vector)).cast<double>() * weight;
  const auto row = static_cast<Eigen::Index>(text);
  if (m_weights[text] == 0) m_sums.row(row) = weighted;
  else m_sums.row(row) += weighted;
  m_weights[text] += weight;
}

MatrixF WindowMeans::take() {
  MatrixF out = MatrixF::Constant(m_sums.rows(), m_sums.cols(), std::numeric_limits<float>::quiet_NaN());
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    if (const double weight = m_weights[static_cast<std::size_t>(i)]; weight > 0) out.row(i) = (m_sums.row(i) / weight).cast<float>();
  m_sums.resize(0, 0);
  return out;
}

}  // namespace lacuna::embeddings
