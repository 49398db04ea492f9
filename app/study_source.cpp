#include "study_source.h"

#include <QStandardPaths>

#include "lacuna/study/looks.h"
#include "lacuna/study/study.h"

namespace lacuna::app {
namespace {

namespace fs = std::filesystem;

fs::path dataFolder() {
  return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation).toStdString() + "/lacuna";
}

/// Beside an installed program in ../share/lacuna, in a build tree above build/<preset>/bin.
fs::path firstExisting(const std::vector<fs::path>& candidates) {
  for (const fs::path& path : candidates)
    if (fs::exists(path)) return path;
  return {};
}

fs::path openDemo(const fs::path& program, const RunContext& context) {
  const fs::path folder = dataFolder() / "demo", copy = folder / "demo.lacuna";
  fs::create_directories(folder);
  const fs::path stored = firstExisting({program / "../share/lacuna/demo/demo.lacuna", program / "../../demo/demo.lacuna"});
  if (!stored.empty()) {
    fs::copy_file(stored, copy, fs::copy_options::overwrite_existing);
    return copy;
  }
  if (fs::exists(copy)) return copy;
  const fs::path resources = firstExisting({program / "../share/lacuna/demo", program / "../../../resources/demo"});
  if (resources.empty()) throw Error("LAC-4108", "The demo study was not found", "Install the package lacuna-data, or run ./dev demo");
  study::writeDemo(folder, resources, context);
  study::StudySpec spec = study::readSpec(folder / "study.json");
  spec.cache = study::cacheFolder();
  study::runStudy(spec, copy, context);
  return copy;
}

}  // namespace

StudySource engineStudies(const fs::path& program) {
  StudySource source;
  source.open = [](const fs::path& path, const RunContext&) { return study::Session::open(path, false, study::cacheFolder()); };
  source.demo = [program](const RunContext& context) { return openDemo(program, context); };
  source.create = study::createStudy;
  return source;
}

}  // namespace lacuna::app
