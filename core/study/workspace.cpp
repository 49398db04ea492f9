#include "workspace.h"

#include <chrono>
#include <ctime>
#include <random>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"

namespace lacuna::study {

Workspace::Workspace(StudySpec spec, store::Store& store, const RunContext& context)
    : m_spec(std::move(spec)), m_store(store), m_inputs(store.corpusFiles()) {
  work(context);
}

namespace {

/// What a model that was trained on it would know by heart: every prompt with each of its answers.
std::vector<std::string> taskTexts(const std::vector<tasks::Task>& tasks) {
  std::vector<std::string> texts;
  for (const tasks::Task& task : tasks)
    for (const tasks::Item& item : task.items) {
      texts.push_back(item.prompt);
      for (const auto* answers : {&item.choices, &item.references})
        for (const std::string& answer : *answers) texts.push_back(item.prompt + " " + answer);
    }
  return texts;
}

}  // namespace

void Workspace::work(const RunContext& context) {
  m_context = context;
  m_context.seed = m_spec.seed;
}

std::filesystem::path Workspace::resolve(const std::filesystem::path& path) const {
  return path.is_absolute() ? path : m_spec.folder / path;
}

std::filesystem::path Workspace::cacheOf(const char* what) const { return m_spec.cache.empty() ? m_spec.cache : m_spec.cache / what; }

const model::ModelInfo& Workspace::modelInfo() {
  if (!m_info) m_info = model::inspectModel(resolve(m_spec.model));
  return *m_info;
}

const model::Model& Workspace::model() {
  if (!m_model) m_model = model::Model::load(resolve(m_spec.model), m_context, {.precision = m_spec.precision});
  return *m_model;
}

const corpus::Corpus& Workspace::corpus() {
  if (!m_corpus) {
    corpus::CorpusConfig config = m_spec.corpus;
    config.path = resolve(config.path);
    for (auto& path : config.morePaths) path = resolve(path);
    config.kept.folder = cacheOf("readings");
    const std::filesystem::path folder = resolve(m_spec.model);
    const auto tokenizer = config.chunks.tokens > 0 && text::hasTokenizer(folder) ? text::Tokenizer::load(folder) : nullptr;
    m_corpus = corpus::readCorpus(config, m_context, config.decontaminate ? taskTexts(tasks()) : std::vector<std::string>(), tokenizer.get());
  }
  return *m_corpus;
}

const std::vector<tasks::Task>& Workspace::tasks() {
  if (!m_tasks) m_tasks = readTasks(m_spec);
  return *m_tasks;
}

const tasks::Judges& Workspace::judges(std::size_t task) {
  tasks();
  const auto [it, isNew] = m_judges.try_emplace(task);
  if (isNew) it->second = tasks::Judges::load(m_tasks->at(task), {}, m_context);
  return it->second;
}

tasks::ScoreOptions Workspace::scoring(std::size_t task, bool generate) {
  const tasks::Judges& models = judges(task);
  const bool judged = tasks()[task].format != "realtoxicityprompts" || models.classifier;
  return models.options(generate && judged, m_context);
}

std::vector<tasks::Task> readTasks(const StudySpec& spec) {
  const auto resolve = [&](const std::filesystem::path& path) { return path.empty() || path.is_absolute() ? path : spec.folder / path; };
  std::vector<tasks::Task> tasks;
  for (const TaskSpec& entry : spec.tasks) {
    tasks::Task task = tasks::readTask(resolve(entry.file), {resolve(entry.fewshot), entry.shots, entry.sampler});
    for (const tasks::Task& other : tasks)
      if (other.name == task.name)
        throw Error("LAC-1401", "study spec: two tasks are called '" + task.name + "'", "give each task file a name of its own");
    tasks.push_back(std::move(task));
  }
  return tasks;
}

std::vector<ClusterRow> livingClusters(const store::Store& store) {
  std::vector<ClusterRow> clusters = store.clusters();
  std::erase_if(clusters, [](const ClusterRow& c) { return c.size == 0; });
  return clusters;
}

void initialiseStudy(store::Store& store, const StudySpec& spec) {
  store.transaction([&] {
    if (store.meta("uuid").empty()) {
      store.setMeta("uuid", makeUlid());
      store.setMeta("created", utcNow());
    }
    store.setMeta("name", spec.name);
    store.setMeta("spec", toJson(spec));
    store.setMeta("folder", spec.folder.string());
  });
}

std::string tokenizerHash(const std::filesystem::path& model) {
  Hasher hasher;
  bool any = false;
  for (const char* name : {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer.model"}) {
    std::error_code missing;
    if (!std::filesystem::is_regular_file(model / name, missing)) continue;
    hasher.add(name).add(contentHash(model / name));
    any = true;
  }
  return any ? hasher.hex() : "";
}

std::string makeUlid() {
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto time = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::string id(26, '0');
  for (int i = 9; i >= 0; --i, time >>= 5) id[static_cast<std::size_t>(i)] = kDigits[time & 31];
  std::random_device device;  // identity only: no number of the study depends on it
  for (std::size_t i = 10; i < id.size(); ++i) id[i] = kDigits[device() & 31];
  return id;
}

std::string utcNow() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace lacuna::study
