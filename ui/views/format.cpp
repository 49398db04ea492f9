#include "views/format.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr char16_t dash = u'–', minus = u'−';

QString tr(const char* text) { return QCoreApplication::translate("format", text); }

}  // namespace

QString number(double value, int decimals) {
  if (!std::isfinite(value)) return QString(QChar(dash));
  QString text = QLocale().toString(std::abs(value), 'f', decimals);
  const bool zero = std::abs(value) < 0.5 * std::pow(10.0, -decimals);
  return value < 0 && !zero ? QChar(minus) + text : text;
}

QString signedNumber(double value, int decimals) {
  if (!std::isfinite(value)) return QString(QChar(dash));
  const bool zero = std::abs(value) < 0.5 * std::pow(10.0, -decimals);
  const QString text = QLocale().toString(std::abs(value), 'f', decimals);
  return zero ? text : (value < 0 ? QChar(minus) : QChar(u'+')) + text;
}

int decimalsFor(double largest) {
  if (!(largest > 0) || largest >= 0.0995) return 2;
  return std::min(6, 1 - static_cast<int>(std::floor(std::log10(largest))));
}

QString effectText(double value, double low, double high) {
  double largest = 0;
  for (const double part : {value, low, high})
    if (std::isfinite(part)) largest = std::max(largest, std::abs(part));
  const int decimals = decimalsFor(largest);
  return signedNumber(value, decimals) + u' ' + interval(low, high, decimals);
}

QString adjustmentName(const QString& method) {
  if (method == "bh"_L1) return tr("Benjamini–Hochberg");
  if (method == "by"_L1) return tr("Benjamini–Yekutieli");
  if (method == "holm"_L1) return tr("Holm");
  return method.isEmpty() ? tr("correction") : method;
}

QString interval(double low, double high, int decimals) {
  return u"[%1, %2]"_s.arg(signedNumber(low, decimals), signedNumber(high, decimals));
}

QString pValue(double p) {
  if (!std::isfinite(p)) return QString(QChar(dash));
  if (p < 0.001) return u"< "_s + QLocale().toString(0.001, 'f', 3);
  return QLocale().toString(p, 'f', 3);
}

QString count(std::int64_t n) { return QLocale().toString(static_cast<qlonglong>(n)); }

QString duration(double seconds) {
  if (seconds < 1.5) return tr("≈ 1 s");
  if (seconds < 90) return tr("≈ %1 s").arg(std::lround(seconds));
  return seconds < 5400 ? tr("≈ %1 min").arg(std::lround(seconds / 60)) : tr("≈ %1 h").arg(QLocale().toString(seconds / 3600, 'f', 1));
}

QString stripped(double epsilon) { return QLocale().toString(epsilon, 'g', 4); }

}  // namespace lacuna::ui
