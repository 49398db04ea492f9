#include <algorithm>
#include <cmath>
#include <map>

#include "lacuna/text/unicode.h"
#include "records.h"
#include "sampler.h"

namespace lacuna::tasks {
namespace {

/// Every metric a format can write; the first `defaults` of them when the sidecar names none.
struct FormatRules {
  std::vector<std::string> metrics;
  std::size_t defaults;
  std::vector<std::string> until;
  int maxNewTokens;
};

const FormatRules& rulesOf(const std::string& format, bool chainOfThought) {
  static const std::vector<std::string> bbhStops{"</s>", "Q", "\n\n"};
  static const std::map<std::string, FormatRules> rules{
      {"gsm8k", {{"exact_match_strict", "exact_match_flexible"}, 2, {"Question:", "</s>", "<|im_end|>"}, 256}},
      {"bigbench", {{"multiple_choice_grade", "acc", "exact_str_match"}, 3, {"\n\n"}, 128}},
      {"bbh", {{"exact_match", "exact_match_raw"}, 2, bbhStops, 256}},
      {"bbh cot", {{"exact_match", "exact_match_get_answer"}, 2, bbhStops, 1024}},
      {"realtoxicityprompts", {{"toxicity", "toxic", "max_toxicity", "any_toxic"}, 2, {"\n\n"}, 20}},
      {"crows_pairs", {{"pct_stereotype", "likelihood_diff", "crows_mlm"}, 2, {}, 0}},
      {"multiple_choice", {{"acc", "acc_norm", "acc_bytes", "exact_match", "acc_mutual_info"}, 2, {}, 0}},
      {"perplexity", {{"word_perplexity", "byte_perplexity", "bits_per_byte"}, 3, {}, 0}},
      {"generation", {{"em", "f1", "exact_match", "chrf", "bleurt"}, 3, {"\n\n"}, 256}},
  };
  return rules.at(chainOfThought ? format + " cot" : format);
}

/// BIG-bench: what the file's own list of metrics asks for.
std::vector<std::string> bigbenchMetrics(const Sidecar& sidecar, const Json& header) {
  std::vector<std::string> result;
  const auto list = header.find("metrics");
  const auto has = [&](const char* name) { return list != header.end() && list->is_array() && std::find(list->begin(), list->end(), name) != list->end(); };
  if (has("multiple_choice_grade")) result = {"multiple_choice_grade", "acc"};
  if (has("exact_str_match")) result.push_back("exact_str_match");
  if (result.empty() && sidecar.metrics.empty())
    refuse(sidecar.file, "\"metrics\" has neither multiple_choice_grade nor exact_str_match.", "Name the metrics in the sidecar (\"metric\").");
  return result;
}

std::vector<std::string> metricsOf(const Sidecar& sidecar, const Json& header) {
  const FormatRules& rules = rulesOf(sidecar.format, sidecar.chainOfThought);
  if (sidecar.metrics.empty()) {
    if (sidecar.format == "bigbench") return bigbenchMetrics(sidecar, header);
    if (sidecar.format == "realtoxicityprompts" && sidecar.sampling.samples > 1) return {"max_toxicity", "any_toxic", "toxicity", "toxic"};
    return {rules.metrics.begin(), rules.metrics.begin() + static_cast<std::ptrdiff_t>(rules.defaults)};
  }
  std::string known;
  for (const std::string& name : rules.metrics) known += (known.empty() ? "" : ", ") + name;
  for (const std::string& name : sidecar.metrics)
    if (std::find(rules.metrics.begin(), rules.metrics.end(), name) == rules.metrics.end())
      refuse(sidecar.path, "/metric: \"" + name + "\" is no metric of the format " + sidecar.format + ".", "Known: " + known + ".");
  return sidecar.metrics;
}

bool samePath(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code failed;
  return std::filesystem::weakly_canonical(a, failed) == std::filesystem::weakly_canonical(b, failed);
}

/// What stands around question and answer.
struct Frame { std::string description, targetDelimiter, fewshotDelimiter; };

Frame frameOf(const Sidecar& s, const Json& header) {
  Frame frame{"", " ", "\n\n"};
  if (s.format == "bigbench") {
    const std::string prefix = headerText(header, "example_output_prefix", "\nA: ");
    frame = {headerText(header, "task_prefix", ""), prefix.substr(text::rightStripped(prefix).size()),
             headerText(header, "few_shot_example_separator", "\n")};
  } else if (s.format == "crows_pairs" || s.format == "realtoxicityprompts" || s.chainOfThought) {
    frame.targetDelimiter.clear();
  }
  return {s.description.value_or(frame.description), s.targetDelimiter.value_or(frame.targetDelimiter),
          s.fewshotDelimiter.value_or(frame.fewshotDelimiter)};
}

/// Sub-tasks of one task are asked alike.
void refuseOtherFrames(const Sidecar& sidecar, const DataFile& data) {
  for (std::size_t part = 1; part < data.headers.size(); ++part) {
    const Frame first = frameOf(sidecar, data.header()), other = frameOf(sidecar, data.headers[part]);
    if (first.description != other.description || first.targetDelimiter != other.targetDelimiter || first.fewshotDelimiter != other.fewshotDelimiter)
      refuse(data.path, "the sub-tasks \"" + data.parts.front() + "\" and \"" + data.parts[part] + "\" have different prefixes or separators.", "Make a task of each.");
  }
}

/// The examples before every question.
class Examples {
 public:
  Examples(const Sidecar& sidecar, const TaskOptions& options, const DataFile& data, RecordReader& reader, const QuestionReader& questions)
      : m_shots(options.shots) {
    if (m_shots == 0) return;
    if (sidecar.format == "crows_pairs" || sidecar.format == "realtoxicityprompts" || sidecar.format == "perplexity")
      refuse(sidecar.path, sidecar.format + " takes no examples, but " + std::to_string(m_shots) + " were asked for.");
    const std::filesystem::path file = options.fewshotFile.empty() ? sidecar.fewshotFile : options.fewshotFile;
    if (file.empty()) refuse(sidecar.path, "examples were asked for, but there is no file they come from.", "Give --fewshot or \"fewshot\": {\"file\": …}.");
    const bool ownFile = samePath(file, data.path);
    const DataFile pool = ownFile ? data : reader.read(file);
    m_description = pool.description;
    std::vector<std::int64_t> identities;
    for (const DataRecord& record : pool.records) {
      identities.push_back(record.identity);
      m_positions.push_back(record.index);
      m_questions.push_back(questions.read(record, pool.path));
    }
    // Worked examples come in their own order unless asked otherwise.
    const std::string own = sidecar.raw.contains("/fewshot/sampler"_json_pointer) || pool.description.empty() ? sidecar.sampler : "first";
    const std::string name = options.sampler.empty() ? own : options.sampler;
    if (name != "lm-eval" && name != "first") refuse(sidecar.path, "the sampler \"" + name + "\" is not known.", "Known: lm-eval, first.");
    m_sampler.emplace(name == "first" ? ExampleSampler::Kind::First : ExampleSampler::Kind::LmEval, std::move(identities), m_shots,
                      sidecar.excludeItem.value_or(ownFile));
  }

  /// What their file says before them.
  const std::string& description() const { return m_description; }

  /// Their text; their positions go into the item.
  std::string before(const DataRecord& record, const Frame& frame, Item& item) {
    std::string text;
    if (!m_sampler) return text;
    for (const std::int64_t at : m_sampler->next(record.identity)) {
      const auto position = static_cast<std::size_t>(at);
      item.fewshot.push_back(m_positions[position]);
      text += m_questions[position].text + frame.targetDelimiter + m_questions[position].answer + frame.fewshotDelimiter;
    }
    return text;
  }

 private:
  int m_shots;
  std::string m_description;
  std::vector<std::int64_t> m_positions;
  std::vector<Question> m_questions;
  std::optional<ExampleSampler> m_sampler;
};

/// The continuations of the file that are scored most and least toxic, the same behind every prompt.
void chooseContinuations(const Sidecar& sidecar, const std::vector<double>& toxicity, Task& task) {
  task.toxicTexts = sidecar.toxicTexts;
  task.neutralTexts = sidecar.neutralTexts;
  if (!task.toxicTexts.empty() || !task.neutralTexts.empty()) return;
  constexpr std::size_t most = 8;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < toxicity.size(); ++i)
    if (!std::isnan(toxicity[i]) && !task.items[i].references.empty()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return toxicity[a] < toxicity[b]; });
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    const std::size_t low = order[i], high = order[order.size() - 1 - i];
    if (toxicity[low] < 0.5) task.neutralTexts.push_back(task.items[low].references.front());
    if (toxicity[high] >= 0.5) task.toxicTexts.push_back(task.items[high].references.front());
  }
}

void refuseUnknownPositive(const Sidecar& sidecar, const Task& task) {
  if (sidecar.positive.empty()) return;
  const auto offers = [&](const Item& item) { return std::find(item.choices.begin(), item.choices.end(), sidecar.positive) != item.choices.end(); };
  if (sidecar.format != "multiple_choice" || std::none_of(task.items.begin(), task.items.end(), offers))
    refuse(sidecar.path, "/positive: no item offers the choice \"" + sidecar.positive + "\".", "Name one of the choices of a multiple_choice task.");
  if (std::find(task.metrics.begin(), task.metrics.end(), "acc") == task.metrics.end()) refuse(sidecar.path, "/positive: F1 is made from the metric acc.", "Add it to /metric.");
}

TaskSampling samplingOf(const Sidecar& sidecar) {
  TaskSampling sampling = sidecar.sampling;
  const bool nucleus = sidecar.format == "realtoxicityprompts" && sampling.samples > 0;   // the paper's protocol
  sampling.topP = sidecar.topP.value_or(nucleus ? 0.9 : 1);
  return sampling;
}

bool scoresChoices(const Task& task) {
  if (task.format == "perplexity") return false;
  return std::any_of(task.metrics.begin(), task.metrics.end(), [&](const std::string& metric) { return !isGenerated(task, metric); });
}

}  // namespace

bool isGenerated(const Task& task, const std::string& metric) {
  if (task.format == "bigbench") return metric == "exact_str_match";
  return task.format != "multiple_choice" && task.format != "crows_pairs" && task.format != "perplexity";
}

double chanceLevel(const Task& task) {
  if (task.kind != Kind::MultipleChoice || task.items.empty()) return 0;
  double sum = 0;
  for (const Item& item : task.items) sum += 1.0 / static_cast<double>(std::max<std::size_t>(item.choices.size(), 1));
  return sum / static_cast<double>(task.items.size());
}

Task readTask(const std::filesystem::path& path, const TaskOptions& options) {
  const Sidecar sidecar = readSidecar(path);
  RecordReader reader(sidecar);
  const DataFile data = reader.read(sidecar.file);
  const QuestionReader questions(sidecar, data);
  const FormatRules& rules = rulesOf(sidecar.format, sidecar.chainOfThought);
  refuseOtherFrames(sidecar, data);
  Frame frame = frameOf(sidecar, data.header());

  Task task;
  task.name = sidecar.name;
  task.format = sidecar.format;
  task.sidecar = sidecar.raw;
  task.targetDelimiter = frame.targetDelimiter;
  task.metrics = metricsOf(sidecar, data.header());
  task.until = sidecar.until.value_or(rules.until);
  task.maxNewTokens = sidecar.maxNewTokens.value_or(rules.maxNewTokens);
  task.chainOfThought = sidecar.chainOfThought;
  task.exactMatch = sidecar.exactMatch;
  task.outputRegex = headerText(data.header(), "output_regex", "");
  task.stopString = headerText(data.header(), "stop_string", "");
  task.sampling = samplingOf(sidecar);
  task.classifier = sidecar.classifier;
  task.bleurtFolder = sidecar.bleurt;
  task.positive = sidecar.positive;
  task.file = sidecar.file;
  task.shots = options.shots;
  task.kind = scoresChoices(task) ? Kind::MultipleChoice : Kind::Generation;

  Examples examples(sidecar, options, data, reader, questions);
  if (!sidecar.description && !examples.description().empty()) frame.description = examples.description();
  std::vector<double> toxicity;
  for (const DataRecord& record : data.records) {
    Question q = questions.read(record, data.path);
    Item item;
    item.index = record.index;
    const std::string before = frame.description + examples.before(record, frame, item);
    item.prompt = before + q.text;
    item.question = q.text;
    if (!q.counterfactual.empty()) item.counterfactual = before + q.counterfactual;
    item.group = std::move(q.group);
    item.choices = std::move(q.choices);
    item.gold = q.gold;
    item.references = std::move(q.references);
    item.choiceScores = std::move(q.choiceScores);
    item.category = std::move(q.category);
    item.antistereo = q.antistereo;
    toxicity.push_back(q.toxicity);
    if (task.kind == Kind::MultipleChoice && item.choices.empty())
      refuseAt(data.path, record.place, "the metrics need choices, but it has no target_scores.");
    task.items.push_back(std::move(item));
  }
  refuseUnknownPositive(sidecar, task);
  if (task.format == "realtoxicityprompts") chooseContinuations(sidecar, toxicity, task);
  return task;
}

}  // namespace lacuna::tasks
