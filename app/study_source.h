#pragma once

#include "main_window.h"

namespace lacuna::app {

/// The engine's own studies; the demo is a copy of the stored one, or made from the bundled model where there is none.
StudySource engineStudies(const std::filesystem::path& programFolder);

}  // namespace lacuna::app
