#include <QTest>

#include <bit>
#include <cmath>
#include <cstring>

#include "bfloat.h"
#include "kernels.h"
#include "lacuna/base/rng.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

std::vector<float> normals(std::int64_t count, std::uint64_t item, double scale = 1) {
  Rng rng(7, "kernels", item);
  std::vector<float> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<float>(scale * rng.normal()));
  return out;
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::vector<const KernelTable*> faces() {
  std::vector<const KernelTable*> out;
  for (const auto set : {InstructionSet::Portable, InstructionSet::Avx2, InstructionSet::Avx512, InstructionSet::Amx})
    if (const KernelTable* const table = kernelsFor(set)) out.push_back(table);
  return out;
}

double exact(Activation activation, double x) {
  switch (activation) {
    case Activation::None: return x;
    case Activation::Relu: return std::max(x, 0.0);
    case Activation::Gelu: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::GeluTanh: return x / (1 + std::exp(-2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::QuickGelu: return x / (1 + std::exp(-1.702 * x));
    case Activation::Silu: return x / (1 + std::exp(-x));
    case Activation::Tanh: return std::tanh(x);
    case Activation::Gelu10: return std::clamp(exact(Activation::Gelu, x), -10.0, 10.0);
  }
  return 0;
}

Linear randomLinear(std::int64_t inputs, std::int64_t outputs, bool bias, Precision precision = Precision::Fp32) {
  Linear linear(inputs, outputs, precision);
  const auto weights = normals(inputs * outputs, 1);
  linear.packRows(0, weights.data(), inputs, outputs);
  if (bias) linear.bias = normals(outputs, 2);
  return linear;
}

/// Attention of `queries` late rows over two spans, by one face.
std::vector<float> attended(const KernelTable& table, std::int64_t dims, const std::vector<std::int64_t>& spanTokens, int queries, std::int64_t window,
                            bool biased = false) {
  std::vector<std::vector<float>> keys, values;
  std::vector<KeySpan> spans;
  std::int64_t total = 0;
  for (const std::int64_t tokens : spanTokens) {
    const auto id = static_cast<std::uint64_t>(keys.size());
    const auto rows = normals(tokens * dims, 40 + id);
    std::vector<float> panels(static_cast<std::size_t>((tokens + 15) / 16 * 16 * dims));
    for (std::int64_t t = 0; t < tokens; ++t)
      for (std::int64_t d = 0; d < dims; ++d) panels[static_cast<std::size_t>((t / 16 * dims + d) * 16 + t % 16)] = rows[static_cast<std::size_t>(t * dims + d)];
    keys.push_back(panels);
    values.push_back(normals(tokens * dims + 16, 50 + id));
    total += tokens;
  }
  for (std::size_t s = 0; s < keys.size(); ++s) spans.push_back({keys[s].data(), values[s].data(), dims, spanTokens[s]});
  const auto query = normals(queries * dims, 60), bias = normals(queries * (total + 16), 61);
  std::vector<float> out(static_cast<std::size_t>(queries * dims)), scores(static_cast<std::size_t>(6 * (total + 48)));
  AttentionBlock block;
  block.queries = queries;
  for (int q = 0; q < queries; ++q) {
    block.query[q] = query.data() + q * dims;
    block.out[q] = out.data() + q * dims;
    block.limit[q] = total - queries + q + 1;
    if (biased) block.bias[q] = bias.data() + q * (total + 16);
    block.first[q] = window > 0 ? std::max<std::int64_t>(0, block.limit[q] - window) : 0;
  }
  block.spans = spans.data();
  block.spanCount = static_cast<int>(spans.size());
  block.headDim = dims;
  block.scale = 0.25F;
  block.scores = scores.data();
  block.scoreStride = total + 48;
  table.attend(block);

  // Plain float64 reference beside it.
  for (int q = 0; q < queries; ++q) {
    std::vector<double> weight;
    double sum = 0;
    std::vector<double> mixed(static_cast<std::size_t>(dims), 0.0);
    std::int64_t p = 0;
    for (std::size_t s = 0; s < keys.size(); ++s)
      for (std::int64_t t = 0; t < spanTokens[s]; ++t, ++p) {
        if (p < block.first[q] || p >= block.limit[q]) continue;
        double dot = 0;
        for (std::int64_t d = 0; d < dims; ++d)
          dot += static_cast<double>(query[static_cast<std::size_t>(q * dims + d)]) * static_cast<double>(keys[s][static_cast<std::size_t>((t / 16 * dims + d) * 16 + t % 16)]);
        const double w = std::exp(0.25 * dot + (biased ? static_cast<double>(block.bias[q][p]) : 0.0));
        sum += w;
        for (std::int64_t d = 0; d < dims; ++d) mixed[static_cast<std::size_t>(d)] += w * static_cast<double>(values[s][static_cast<std::size_t>(t * dims + d)]);
      }
    for (std::int64_t d = 0; d < dims; ++d)
      if (std::abs(static_cast<double>(out[static_cast<std::size_t>(q * dims + d)]) - mixed[static_cast<std::size_t>(d)] / sum) > 1e-5) return {};
  }
  return out;
}

}  // namespace

class KernelsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void productsEqualAPlainReference_data();
  void productsEqualAPlainReference();
  void rowsOfAProductDependOnThemselvesAlone_data();
  void rowsOfAProductDependOnThemselvesAlone();
  void productsOfASliceEqualTheWhole_data();
  void productsOfASliceEqualTheWhole();
  void manyRowsAreRoundedInParts();
  void bfloatRoundsToTheNearestEven_data();
  void bfloatRoundsToTheNearestEven();
  void epilogueAddsAfterActivationAndFactor();
  void packedWeightsReadBack();
  void allInstructionSetsGiveTheSameBits();
  void activationsAreAccurate_data();
  void activationsAreAccurate();
  void exponentialIsAccurateAndZeroBelow();
  void nanGoesThroughEverything();
  void normsEqualAPlainReference();
  void summaryFindsTheFirstOfEqualMaxima();
  void attentionEqualsAPlainReference_data();
  void attentionEqualsAPlainReference();
};

void KernelsTest::productsEqualAPlainReference_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("inputs");
  QTest::addColumn<int>("outputs");
  QTest::addColumn<bool>("rounded");
  for (const bool rounded : {false, true}) {
    const std::string kind = rounded ? ", bf16" : "";
    QTest::newRow(("one row, small" + kind).c_str()) << 1 << 3 << 5 << rounded;
    QTest::newRow(("tile borders" + kind).c_str()) << 13 << 32 << 33 << rounded;
    QTest::newRow(("two depth blocks" + kind).c_str()) << 30 << 257 << 40 << rounded;
    QTest::newRow(("several of everything" + kind).c_str()) << 330 << 600 << 290 << rounded;
  }
}

void KernelsTest::productsEqualAPlainReference() {
  QFETCH(int, rows);
  QFETCH(int, inputs);
  QFETCH(int, outputs);
  QFETCH(bool, rounded);
  const Linear linear = randomLinear(inputs, outputs, true, rounded ? Precision::Bf16 : Precision::Fp32);
  auto x = normals(rows * inputs, 3);
  std::vector<float> y(static_cast<std::size_t>(rows * outputs));
  apply(linear, {.x = x.data(), .y = y.data(), .rows = rows});
  if (rounded) roundToBfloat(x.data(), static_cast<std::int64_t>(x.size()));
  for (int r = 0; r < rows; ++r)
    for (int o = 0; o < outputs; ++o) {
      double sum = static_cast<double>(linear.bias[static_cast<std::size_t>(o)]), size = 1;
      for (int i = 0; i < inputs; ++i) {
        const double term = static_cast<double>(x[static_cast<std::size_t>(r * inputs + i)]) * static_cast<double>(linear.weight(o, i));
        sum += term;
        size += std::abs(term);
      }
      QVERIFY(std::abs(static_cast<double>(y[static_cast<std::size_t>(r * outputs + o)]) - sum) <= 3e-7 * size);
    }
}

void KernelsTest::rowsOfAProductDependOnThemselvesAlone_data() {
  QTest::addColumn<Precision>("precision");
  QTest::newRow("fp32") << Precision::Fp32;
  QTest::newRow("bf16") << Precision::Bf16;
}

void KernelsTest::rowsOfAProductDependOnThemselvesAlone() {
  QFETCH(Precision, precision);
  constexpr int rows = 67, inputs = 300, outputs = 100;
  const Linear linear = randomLinear(inputs, outputs, true, precision);
  const auto x = normals(rows * inputs, 4);
  std::vector<float> together(rows * outputs), threaded(rows * outputs), alone(rows * outputs);
  LinearCall call{.x = x.data(), .y = together.data(), .rows = rows};
  call.activation = Activation::Gelu;
  apply(linear, call);
  call.y = threaded.data();
  call.threads = 2;
  apply(linear, call);
  call.rows = 1;
  for (int r = rows - 1; r >= 0; --r) {
    call.x = x.data() + r * inputs;
    call.y = alone.data() + r * outputs;
    apply(linear, call);
  }
  QVERIFY(same(together, threaded));
  QVERIFY(same(together, alone));
}

void KernelsTest::productsOfASliceEqualTheWhole_data() { rowsOfAProductDependOnThemselvesAlone_data(); }

void KernelsTest::productsOfASliceEqualTheWhole() {
  QFETCH(Precision, precision);
  constexpr int rows = 5, inputs = 70, outputs = 150;
  const Linear linear = randomLinear(inputs, outputs, true, precision);
  const auto x = normals(rows * inputs, 5);
  std::vector<float> whole(rows * outputs), slice(rows * 80);
  apply(linear, {.x = x.data(), .y = whole.data(), .rows = rows});
  apply(linear, {.x = x.data(), .y = slice.data(), .rows = rows, .firstOutput = 64, .outputCount = 70, .yStride = 80});
  for (int r = 0; r < rows; ++r) QVERIFY(std::memcmp(slice.data() + r * 80, whole.data() + r * outputs + 64, 70 * sizeof(float)) == 0);
}

// More inputs than are rounded at once, rows that lie apart, an addend in place.
void KernelsTest::manyRowsAreRoundedInParts() {
  constexpr int rows = 4200, inputs = 2049, outputs = 33, stride = 2060;
  const Linear linear = randomLinear(inputs, outputs, false, Precision::Bf16);
  const auto x = normals(rows * stride, 12);
  auto y = normals(rows * outputs, 13), one = y;
  apply(linear, {.x = x.data(), .y = y.data(), .rows = rows, .xStride = stride, .addend = y.data(), .threads = 2});
  for (const int r : {0, 15, 2047, 2048, 4095, 4096, 4199}) {
    float* const row = one.data() + r * outputs;
    apply(linear, {.x = x.data() + r * stride, .y = row, .rows = 1, .addend = row});
    QVERIFY(std::memcmp(row, y.data() + r * outputs, outputs * sizeof(float)) == 0);
  }
}

void KernelsTest::bfloatRoundsToTheNearestEven_data() {
  QTest::addColumn<quint32>("bits");
  QTest::addColumn<quint32>("expected");
  QTest::newRow("1") << 0x3F800000U << 0x3F80U;
  QTest::newRow("below half") << 0x3F807FFFU << 0x3F80U;
  QTest::newRow("half, to even below") << 0x3F808000U << 0x3F80U;
  QTest::newRow("half, to even above") << 0x3F818000U << 0x3F82U;
  QTest::newRow("above half") << 0x3F808001U << 0x3F81U;
  QTest::newRow("-2.5 e 38 goes up") << 0xFF7FFFFFU << 0xFF80U;
  QTest::newRow("infinity") << 0x7F800000U << 0x7F80U;
  QTest::newRow("NaN stays NaN") << 0x7F800001U << 0x7FC0U;
  QTest::newRow("subnormal") << 0x007FFFFFU << 0U;
  QTest::newRow("smallest normal") << 0x00800000U << 0x0080U;
  QTest::newRow("-0") << 0x80000000U << 0x8000U;
}

void KernelsTest::bfloatRoundsToTheNearestEven() {
  QFETCH(quint32, bits);
  QFETCH(quint32, expected);
  const float value = std::bit_cast<float>(bits);
  QCOMPARE(static_cast<quint32>(toBfloat(value)), expected);
  for (const KernelTable* const table : faces()) {
    std::vector<std::uint16_t> row(512, 1);
    table->roundRow(&value, 1, row.data());
    QCOMPARE(static_cast<quint32>(row[0]), expected);
    for (std::size_t i = 1; i < 32; ++i) QCOMPARE(row[i], std::uint16_t{0});
  }
}

void KernelsTest::epilogueAddsAfterActivationAndFactor() {
  for (const KernelTable* const table : faces()) {
    const auto acc = normals(37, 6), bias = normals(37, 7), factor = normals(37, 8), addend = normals(37, 9);
    std::vector<float> y(37);
    table->finishRow(acc.data(), y.data(), 37, {bias.data(), factor.data(), addend.data(), Activation::Relu});
    for (std::size_t i = 0; i < y.size(); ++i) QCOMPARE(y[i], addend[i] + std::max(acc[i] + bias[i], 0.0F) * factor[i]);
  }
}

void KernelsTest::packedWeightsReadBack() {
  const auto weights = normals(7 * 45, 10);
  Linear rows(7, 45), columns(7, 45);
  rows.packRows(0, weights.data(), 7, 20);
  rows.packRows(20, weights.data() + 20 * 7, 7, 25);
  std::vector<float> turned(weights.size());
  for (std::size_t o = 0; o < 45; ++o)
    for (std::size_t i = 0; i < 7; ++i) turned[i * 45 + o] = weights[o * 7 + i];
  columns.packColumns(0, turned.data(), 45, 45);
  std::vector<float> row(7);
  double squares = 0;
  for (std::int64_t o = 0; o < 45; ++o) {
    rows.readRow(o, row.data());
    for (std::int64_t i = 0; i < 7; ++i) {
      QCOMPARE(row[static_cast<std::size_t>(i)], weights[static_cast<std::size_t>(o * 7 + i)]);
      QCOMPARE(columns.weight(o, i), rows.weight(o, i));
    }
    squares += static_cast<double>(row[3]) * static_cast<double>(row[3]);
  }
  QVERIFY(std::abs(rows.inputNorms()[3] - std::sqrt(squares)) < 1e-12);

  Linear rounded(7, 45, Precision::Bf16), roundedColumns(7, 45, Precision::Bf16);
  rounded.packRows(0, weights.data(), 7, 45);
  roundedColumns.packColumns(0, turned.data(), 45, 45);
  const Linear transposed = rounded.transposed();
  for (std::int64_t o = 0; o < 45; ++o)
    for (std::int64_t i = 0; i < 7; ++i) {
      QCOMPARE(rounded.weight(o, i), fromBfloat(toBfloat(rows.weight(o, i))));
      QCOMPARE(roundedColumns.weight(o, i), rounded.weight(o, i));
      QCOMPARE(transposed.weight(i, o), rounded.weight(o, i));
    }
}

void KernelsTest::allInstructionSetsGiveTheSameBits() {
  const KernelTable& reference = *kernelsFor(InstructionSet::Portable);
  const auto x = normals(3000, 11, 5);
  for (const KernelTable* const table : faces()) {
    for (int a = 0; a <= static_cast<int>(Activation::Gelu10); ++a) {
      auto here = x, there = x;
      reference.activate(here.data(), 2999, static_cast<Activation>(a));
      table->activate(there.data(), 2999, static_cast<Activation>(a));
      QVERIFY2(same(here, there), table->name);
    }
    for (const int rows : {1, 5, 12}) {
      std::vector<float> here(static_cast<std::size_t>(rows * 40), 1.0F), there = here;
      reference.tile(x.data(), 70, rows, x.data() + 900, 64, here.data(), 40, true);
      table->tile(x.data(), 70, rows, x.data() + 900, 64, there.data(), 40, true);
      QVERIFY2(same(here, there), table->name);
    }
    std::vector<std::uint16_t> inputs(3 * 5 * 512), weights(2 * 5 * 1024);
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = toBfloat(x[i % 2999]);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = toBfloat(x[i % 2993]);
    std::vector<float> sums(48 * 64), others(48 * 64);
    PairProduct product{.inputs = inputs.data(), .groups = 3, .weights = weights.data(), .panels = 2, .blocks = 5, .sums = sums.data()};
    reference.multiplyPairs(product);
    product.sums = others.data();
    table->multiplyPairs(product);
    QVERIFY2(same(sums, others), table->name);
    std::vector<float> here(77), there(77);
    reference.layerNorm(x.data(), here.data(), x.data() + 100, x.data() + 200, 77, 1e-5F);
    table->layerNorm(x.data(), there.data(), x.data() + 100, x.data() + 200, 77, 1e-5F);
    QVERIFY2(same(here, there), table->name);
    reference.rmsNorm(x.data(), here.data(), x.data() + 100, 77, 1e-5F);
    table->rmsNorm(x.data(), there.data(), x.data() + 100, 77, 1e-5F);
    QVERIFY2(same(here, there), table->name);
    const LogitSummary a = reference.summarise(x.data(), 1001), b = table->summarise(x.data(), 1001);
    QVERIFY2(a.largest == b.largest && a.at == b.at && a.sum == b.sum, table->name);
    for (const std::int64_t dims : {12, 32, 64, 80})
      for (const bool biased : {false, true})
        QVERIFY2(same(attended(reference, dims, {37, 21}, 5, 0, biased), attended(*table, dims, {37, 21}, 5, 0, biased)), table->name);
  }
}

void KernelsTest::activationsAreAccurate_data() {
  QTest::addColumn<int>("activation");
  QTest::addColumn<double>("atOne");
  QTest::addColumn<double>("atMinusOne");
  const auto row = [](const char* name, Activation a, double one, double minus) { QTest::newRow(name) << static_cast<int>(a) << one << minus; };
  row("relu", Activation::Relu, 1, 0);
  row("gelu", Activation::Gelu, 0.84134475, -0.15865525);
  row("gelu_new", Activation::GeluTanh, 0.84119199, -0.15880801);
  row("quick_gelu", Activation::QuickGelu, 0.84579577, -0.15420423);
  row("silu", Activation::Silu, 0.73105858, -0.26894142);
  row("tanh", Activation::Tanh, 0.76159416, -0.76159416);
  row("gelu_10", Activation::Gelu10, 0.84134475, -0.15865525);
}

void KernelsTest::activationsAreAccurate() {
  QFETCH(int, activation);
  QFETCH(double, atOne);
  QFETCH(double, atMinusOne);
  const auto which = static_cast<Activation>(activation);
  std::vector<float> known{1, -1};
  kernels().activate(known.data(), 2, which);
  QVERIFY(std::abs(static_cast<double>(known[0]) - atOne) < 1e-7);
  QVERIFY(std::abs(static_cast<double>(known[1]) - atMinusOne) < 1e-7);
  std::vector<float> x;
  for (int i = -6000; i <= 6000; ++i) x.push_back(static_cast<float>(i) * 1.337e-3F);
  auto y = x;
  kernels().activate(y.data(), static_cast<std::int64_t>(y.size()), which);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double want = exact(which, static_cast<double>(x[i]));
    worst = std::max(worst, std::abs(static_cast<double>(y[i]) - want) / std::max(1e-3, std::abs(want)));  // relative, down to 1e-3
  }
  QVERIFY2(worst < 1e-6, qPrintable(QString::number(worst)));
}

void KernelsTest::exponentialIsAccurateAndZeroBelow() {
  std::vector<float> x;
  for (int i = -8600; i <= 8800; ++i) x.push_back(static_cast<float>(i) * 0.01F);
  auto y = x;
  kernels().exponentials(y.data(), static_cast<std::int64_t>(y.size()));
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(y[i]) / std::exp(static_cast<double>(x[i])) - 1));
  QVERIFY2(worst < 1.3e-7, qPrintable(QString::number(worst)));
  std::vector<float> low{-87, -1000, -INFINITY, 0};
  kernels().exponentials(low.data(), 4);
  QVERIFY(low[0] == 0 && low[1] == 0 && low[2] == 0 && low[3] == 1);
}

void KernelsTest::nanGoesThroughEverything() {
  const float nan = std::bit_cast<float>(0x7fc00001U);
  for (const KernelTable* const table : faces()) {
    for (int a = 0; a <= static_cast<int>(Activation::Gelu10); ++a) {
      std::vector<float> x(20, 0.5F);
      x[3] = nan;
      table->activate(x.data(), 20, static_cast<Activation>(a));
      QVERIFY2(std::isnan(x[3]) && !std::isnan(x[4]), table->name);
    }
    std::vector<float> x(20, 0.5F);
    x[17] = nan;
    QVERIFY2(std::isnan(table->summarise(x.data(), 20).sum), table->name);
  }
}

void KernelsTest::normsEqualAPlainReference() {
  for (const std::int64_t n : {5, 16, 77, 768}) {
    const auto x = normals(n, 12, 3), weight = normals(n, 13), bias = normals(n, 14);
    double mean = 0, square = 0, variance = 0;
    for (const float v : x) mean += static_cast<double>(v) / static_cast<double>(n);
    for (const float v : x) square += static_cast<double>(v) * static_cast<double>(v) / static_cast<double>(n);
    for (const float v : x) variance += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean) / static_cast<double>(n);
    std::vector<float> layer(x.size()), rms(x.size()), plain(x.size());
    kernels().layerNorm(x.data(), layer.data(), weight.data(), bias.data(), n, 0.01F);
    kernels().layerNorm(x.data(), plain.data(), nullptr, nullptr, n, 0.01F);
    kernels().rmsNorm(x.data(), rms.data(), weight.data(), n, 0.01F);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double centred = (static_cast<double>(x[i]) - mean) / std::sqrt(variance + 0.01F), w = static_cast<double>(weight[i]);
      QVERIFY(std::abs(static_cast<double>(layer[i]) - (centred * w + static_cast<double>(bias[i]))) < 3e-6);
      QVERIFY(std::abs(static_cast<double>(plain[i]) - centred) < 2e-6);
      QVERIFY(std::abs(static_cast<double>(rms[i]) - static_cast<double>(x[i]) / std::sqrt(square + 0.01F) * w) < 3e-6);
    }
  }
}

void KernelsTest::summaryFindsTheFirstOfEqualMaxima() {
  for (const KernelTable* const table : faces())
    for (const std::size_t at : {std::size_t{0}, std::size_t{15}, std::size_t{33}, std::size_t{49}}) {
      std::vector<float> x(50, -2.0F);
      x[at] = x[49] = 3.0F;
      const LogitSummary summary = table->summarise(x.data(), 50);
      QCOMPARE(summary.at, static_cast<std::int64_t>(at));
      QCOMPARE(summary.largest, 3.0F);
      const double tops = at == 49 ? 1 : 2;
      QVERIFY(std::abs(summary.sum - (tops + (50 - tops) * std::exp(-5.0))) < 1e-6);
    }
}

void KernelsTest::attentionEqualsAPlainReference_data() {
  QTest::addColumn<int>("dims");
  QTest::addColumn<int>("firstSpan");
  QTest::addColumn<int>("secondSpan");
  QTest::addColumn<int>("queries");
  QTest::addColumn<int>("window");
  QTest::newRow("one key") << 8 << 0 << 1 << 1 << 0;
  QTest::newRow("odd head, unaligned spans") << 10 << 19 << 7 << 6 << 0;
  QTest::newRow("whole panels") << 64 << 32 << 16 << 4 << 0;
  QTest::newRow("wide head") << 128 << 50 << 45 << 5 << 0;
  QTest::newRow("window inside the second span") << 16 << 40 << 20 << 6 << 5;
  QTest::newRow("window across spans") << 16 << 40 << 20 << 3 << 33;
}

void KernelsTest::attentionEqualsAPlainReference() {
  QFETCH(int, dims);
  QFETCH(int, firstSpan);
  QFETCH(int, secondSpan);
  QFETCH(int, queries);
  QFETCH(int, window);
  for (const KernelTable* const table : faces())
    for (const bool biased : {false, true})
      QVERIFY2(!attended(*table, dims, {firstSpan, secondSpan}, queries, window, biased).empty(), table->name);
}

QTEST_GUILESS_MAIN(KernelsTest)
#include "kernels_test.moc"
