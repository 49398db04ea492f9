#include "embedding_spec.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/post_process.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

void oneOf(const SpecReader& r, const char* key, const std::string& value, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) == known.end())
    throw Error("LAC-1401", "study spec: " + r.pointer(key) + ": expected one of " + joined(known) + ", found \"" + value + "\"", "see docs/study-spec.md");
}

void readLongDocuments(SpecReader& r, embeddings::EmbeddingConfig& embedding) {
  std::string mode = longDocumentsName(embedding.longDocuments);
  r.read("long_documents", mode);
  oneOf(r, "long_documents", mode, {"truncate", "windows"});
  embedding.longDocuments = *embeddings::longDocumentsFromName(mode);
}

/// Steps that are the encoder's default are as good as not named.
void readPost(SpecReader& r, embeddings::EmbeddingConfig& embedding) {
  const std::vector<std::string> usual = embedding.postSteps();
  std::vector<std::string> steps = usual;
  r.read("post", steps);
  for (const std::string& step : steps) oneOf(r, "post", step, embeddings::postStepNames());
  if (steps != usual) embedding.post = steps;
  r.read("top_components", embedding.topComponents);
  if (embedding.topComponents < 0)
    throw Error("LAC-1401", "study spec: " + r.pointer("top_components") + ": cannot be negative", "0 is max(1, round(d/100))");
}

}  // namespace

void readEmbeddingSection(SpecReader& r, embeddings::EmbeddingConfig& embedding) {
  r.read("encoder", embedding.encoder);
  oneOf(r, "encoder", embedding.encoder, {"tfidf", "model", "sentence-encoder", "image-encoder"});
  std::string folder = embedding.folder.string();
  r.read("folder", folder);
  embedding.folder = folder;
  r.read("prompt", embedding.prompt);
  r.read("dimensions", embedding.dimensions);
  r.read("buckets", embedding.buckets);
  r.read("layer", embedding.layer);
  readLongDocuments(r, embedding);
  readPost(r, embedding);
  r.read("image_field", embedding.imageField);
  if (embedding.encoder.ends_with("-encoder") && embedding.folder.empty())
    throw Error("LAC-1401", "study spec: /embedding/folder is missing", "name the folder of the encoder");
  if (embedding.encoder == "image-encoder" && embedding.imageField.empty())
    throw Error("LAC-1401", "study spec: /embedding/image_field: expected the name of a field", "name the field that holds the pictures' file names");
}

json embeddingJson(const embeddings::EmbeddingConfig& embedding) {
  json out = {{"encoder", embedding.encoder}, {"dimensions", embedding.dimensions}, {"buckets", embedding.buckets}, {"layer", embedding.layer}};
  if (embedding.post) out["post"] = *embedding.post;
  if (embedding.topComponents > 0) out["top_components"] = embedding.topComponents;
  if (embedding.encoder == "tfidf") return out;
  if (embedding.encoder == "image-encoder") {
    out["folder"] = embedding.folder.string();
    out["image_field"] = embedding.imageField;
    return out;
  }
  out["long_documents"] = longDocumentsName(embedding.longDocuments);
  if (embedding.encoder != "sentence-encoder") return out;
  out["folder"] = embedding.folder.string();
  out["prompt"] = embedding.prompt;
  return out;
}

}  // namespace lacuna::study
