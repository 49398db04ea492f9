#pragma once

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>
#include <vector>

#include "lacuna/base/matrix.h"

/// The numbers of tests/data/*.json: inputs and outputs computed with other software.
namespace lacuna::testing {

inline QJsonObject readJson(const char* name) {
  QFile file(QStringLiteral(LACUNA_TEST_DATA "/") + QString::fromLatin1(name));
  if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", name);
  return QJsonDocument::fromJson(file.readAll()).object();
}

inline QJsonObject knownAnswer(const char* entry) {
  static const QJsonObject all = readJson("known_answers.json");
  const QJsonValue found = all[QLatin1String(entry)];
  if (!found.isObject()) qFatal("known_answers.json has no %s", entry);
  return found.toObject();
}

inline std::vector<double> numbers(const QJsonValue& value) {
  std::vector<double> result;
  for (const QJsonValue& element : value.toArray()) result.push_back(element.toDouble());
  return result;
}

/// Rows of numbers; a flat list becomes one column.
inline MatrixD matrix(const QJsonValue& value) {
  const QJsonArray rows = value.toArray();
  const auto width = rows.isEmpty() ? 0 : rows[0].isArray() ? rows[0].toArray().size() : 1;
  MatrixD result(rows.size(), width);
  for (int i = 0; i < rows.size(); ++i)
    for (int j = 0; j < width; ++j)
      result(i, j) = rows[i].isArray() ? rows[i].toArray()[j].toDouble() : rows[i].toDouble();
  return result;
}

/// |actual − expected| ≤ tolerance·max(1, |expected|).
inline bool near(double actual, double expected, double tolerance = 1e-12) {
  return std::abs(actual - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

/// Agreement to one unit of the last printed digit.
inline bool printed(double actual, double expected, int decimals) {
  return std::abs(actual - expected) <= 1.01 * std::pow(10.0, -decimals);
}

}  // namespace lacuna::testing

#define LACUNA_NEAR(actual, expected, tolerance)                                                                            \
  do {                                                                                                                      \
    const double a_ = (actual), e_ = (expected);                                                                            \
    QVERIFY2(lacuna::testing::near(a_, e_, tolerance),                                                                      \
             qPrintable(QStringLiteral("%1: %2, expected %3").arg(QLatin1String(#actual)).arg(a_, 0, 'g', 17).arg(e_, 0, 'g', 17))); \
  } while (false)

#define LACUNA_PRINTED(actual, expected, decimals)                                                                          \
  do {                                                                                                                      \
    const double a_ = (actual), e_ = (expected);                                                                            \
    QVERIFY2(lacuna::testing::printed(a_, e_, decimals),                                                                    \
             qPrintable(QStringLiteral("%1: %2, expected %3").arg(QLatin1String(#actual)).arg(a_, 0, 'g', 17).arg(e_, 0, 'g', 17))); \
  } while (false)
