#pragma once

// qcustomplot.h speaks Qt's old keywords, which QT_NO_KEYWORDS takes away: lend them for one include. Included from ui/plots alone.
#include <QtCore/QtCore>
#define signals public
#define slots
#define foreach Q_FOREACH
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <qcustomplot.h>
#pragma GCC diagnostic pop
#undef signals
#undef slots
#undef foreach
