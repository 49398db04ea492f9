#pragma once

#include <QIcon>
#include <QStringView>

namespace lacuna::ui {

/// A symbolic icon of resources/icons drawn in the palette's text colour, so that it follows the theme.
QIcon icon(QStringView name);
QIcon applicationIcon();

}  // namespace lacuna::ui
