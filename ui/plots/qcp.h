#pragma once

// Debian's qcustomplot.h uses Qt's foreach, which QT_NO_KEYWORDS and QT_NO_FOREACH take away. Included from ui/plots alone.
#pragma push_macro("QT_NO_FOREACH")
#undef QT_NO_FOREACH
#include <qcustomplot.h>
#pragma pop_macro("QT_NO_FOREACH")
