#pragma once

#include "lacuna/study/tune.h"
#include "material.h"
#include "workspace.h"

namespace lacuna::study {

/// tuneStrength on an open study whose probes made the material. Stores nothing.
Tuned tunedStrength(Workspace& workspace, const Material& material, const TuneRequest& request, const RunContext& context);

}  // namespace lacuna::study
