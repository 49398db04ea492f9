#pragma once

#include <QString>
#include <cmath>
#include <string>

#include "views/method_words.h"

/// Numbers and names as the window writes them. Files use lacuna::formatNumber instead.
namespace lacuna::ui {

inline QString qs(const std::string& text) { return QString::fromStdString(text); }

/// "0.213"; a dash for what could not be computed.
QString number(double value, int decimals = 3);
/// "+0.21", "−0.08" with a true minus.
QString signedNumber(double value, int decimals = 2);
/// "[+0.12, +0.30]"
QString interval(double low, double high, int decimals = 2);
/// Decimals at which a number of this size keeps two digits: 2 from 0.1 on, more below.
int decimalsFor(double largest);
/// "+0.21 [+0.12, +0.30]", "+0.0012 [+0.0003, +0.0021]": estimate and interval with the decimals they need.
QString effectText(double value, double low, double high);
QString adjustmentName(const QString& method);   ///< "Benjamini–Hochberg"
/// "0.003", "< 0.001"
QString pValue(double p);
QString count(std::int64_t n);
/// "≈ 40 s", "≈ 3 min"
QString duration(double seconds);
QString stripped(double epsilon);   ///< "0.25", "1"

}  // namespace lacuna::ui
