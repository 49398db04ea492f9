#pragma once

#include <nlohmann/json.hpp>

#include "lacuna/corpus/corpus.h"
#include "spec_reader.h"

namespace lacuna::study {

/// The section `corpus` of a spec. Throws LAC-1401.
void readCorpusSection(SpecReader& reader, corpus::CorpusConfig& corpus);
/// "line", "paragraph"; any other name is "file".
files::TextUnit textUnitFromName(const std::string& name);
/// Canonical: what is not used is left out, so that older specs keep their hashes.
nlohmann::json corpusJson(const corpus::CorpusConfig& corpus);

}  // namespace lacuna::study
