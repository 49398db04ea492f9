#include <algorithm>
#include <cmath>

#include "lacuna/base/hash.h"
#include "lacuna/text/unicode.h"
#include "records.h"
#include "sampler.h"

namespace lacuna::tasks {
namespace {

constexpr const char* kMultipleChoicePrompt = "Question: {question}\nAnswer:";

const char* defaultPrompt(const Sidecar& s) {
  if (s.format == "gsm8k" || s.format == "multiple_choice") return kMultipleChoicePrompt;
  if (s.format == "bbh") return s.chainOfThought ? "Q: {input}\nA: Let's think step by step.\n" : "Q: {input}\nA:";
  if (s.format == "realtoxicityprompts") return "{prompt.text}";
  if (s.format == "perplexity") return "{text}";
  return s.format == "generation" ? "{prompt}" : "";
}

/// One record, with the words to say where something is wrong.
class Fields {
 public:
  Fields(const std::filesystem::path& file, const DataRecord& record) : m_file(file), m_record(record) {}

  [[noreturn]] void wrong(const std::string& what, const std::string& hint = {}) const { refuseAt(m_file, m_record.place, what, hint); }
  const Json* find(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
      if (const auto found = m_record.value.find(key); found != m_record.value.end() && !found->is_null()) return &*found;
    return nullptr;
  }
  const Json& need(std::initializer_list<const char*> keys) const {
    if (const Json* value = find(keys)) return *value;
    std::string names;
    for (const char* key : keys) names += (names.empty() ? "\"" : ", \"") + std::string(key) + "\"";
    std::string found;
    for (const auto& [key, value] : m_record.value.items()) found += (found.empty() ? "\"" : ", \"") + key + "\"";
    wrong("expected one of the fields " + names + ", found " + (found.empty() ? "none" : found) + ".",
          "Correct the file, or say in the sidecar which field it is: \"fields\": {\"" + std::string(*keys.begin()) + "\": …}.");
  }
  std::string text(std::initializer_list<const char*> keys) const {
    const Json& value = need(keys);
    if (!value.is_string()) wrong("expected text, found " + value.dump() + ".");
    return value.get<std::string>();
  }
  std::string optionalText(std::initializer_list<const char*> keys) const {
    const Json* value = find(keys);
    if (!value) return {};
    return value->is_string() ? value->get<std::string>() : value->dump();
  }
  std::vector<std::string> texts(const Json& value) const {
    if (value.is_string()) return {value.get<std::string>()};
    std::vector<std::string> result;
    if (value.is_array())
      for (const Json& entry : value) {
        if (!entry.is_string()) wrong("expected a list of texts, found " + entry.dump() + " in it.");
        result.push_back(entry.get<std::string>());
      }
    if (result.empty()) wrong("expected a text or a list of texts, found " + value.dump() + ".");
    return result;
  }
  const DataRecord& record() const { return m_record; }

 private:
  const std::filesystem::path& m_file;
  const DataRecord& m_record;
};

std::string filled(const std::string& pattern, const Fields& fields) {
  std::string result;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t open = pattern.find('{', at), close = pattern.find('}', open);
    if (close == std::string::npos) return result + pattern.substr(at);
    const std::string key = pattern.substr(open + 1, close - open - 1);
    result += pattern.substr(at, open - at);
    std::optional<std::string> value = fieldText(fields.record().value, key);
    if (!value && (key == "question" || key == "input" || key == "prompt")) value = fields.text({"question", "input", "prompt"});
    if (!value) fields.wrong("the prompt asks for the field \"" + key + "\", which is not there.");
    result += *value;
    at = close + 1;
  }
  return result;
}

/// Texts of the choices and, beside them, their labels (empty where there are none).
struct Choices { std::vector<std::string> texts, labels; };

/// In a table: a list written as JSON in one cell, or columns A, B, C, … (empty cells at the end: fewer choices).
Choices tableChoices(const Fields& fields) {
  Choices result;
  for (char letter = 'A'; letter <= 'J'; ++letter) {
    const std::string label(1, letter);
    const auto cell = fields.record().value.find(label);
    if (cell == fields.record().value.end() || !cell->is_string() || cell->get<std::string>().empty()) break;
    result.labels.push_back(label);
    result.texts.push_back(cell->get<std::string>());
  }
  return result;
}

Choices choicesOf(const Fields& fields) {
  if (!fields.find({"choices", "options"}))
    if (Choices columns = tableChoices(fields); !columns.texts.empty()) return columns;
  const Json& given = fields.need({"choices", "options"});
  const Json list = given.is_string() ? Json::parse(given.get<std::string>(), nullptr, false) : Json();
  const Json& value = list.is_array() ? list : given;
  if (!value.is_object()) return {fields.texts(value), {}};
  if (value.contains("text") && value.contains("label") && value["text"].is_array() && value["label"].is_array())
    return {fields.texts(value["text"]), fields.texts(value["label"])};
  Choices result;
  for (const auto& [label, text] : value.items()) {
    if (!text.is_string()) fields.wrong("choice \"" + label + "\": expected text, found " + text.dump() + ".");
    result.labels.push_back(label);
    result.texts.push_back(text.get<std::string>());
  }
  return result;
}

int positionOf(const std::vector<std::string>& list, const std::string& value) {
  const auto found = std::find(list.begin(), list.end(), value);
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

int goldOf(const Fields& fields, const Choices& choices) {
  const Json& value = fields.need({"answer", "label", "gold", "answerKey"});
  const auto n = static_cast<int>(choices.texts.size());
  int gold = -1;
  const auto index = [&](std::int64_t at) { return at >= 0 && at < n ? static_cast<int>(at) : -1; };
  if (value.is_number_integer()) {
    gold = index(value.get<std::int64_t>());
  } else if (value.is_string()) {
    const std::string answer = value.get<std::string>();
    gold = positionOf(choices.labels, answer);
    if (gold < 0) gold = positionOf(choices.texts, answer);
    if (gold < 0 && answer.size() == 1 && answer[0] >= 'A' && answer[0] <= 'Z') gold = answer[0] - 'A';
    // Tables know no numbers.
    if (gold < 0 && !answer.empty() && answer.size() < 9 && answer.find_first_not_of("0123456789") == std::string::npos) gold = index(std::stoll(answer));
  }
  if (gold < 0 || gold >= n) fields.wrong("the answer " + value.dump() + " is none of the " + std::to_string(n) + " choices.");
  return gold;
}

Question multipleChoice(const Fields& fields) {
  Question q;
  const Choices choices = choicesOf(fields);
  q.choices = choices.texts;
  q.gold = goldOf(fields, choices);
  q.answer = q.choices[static_cast<std::size_t>(q.gold)];
  q.group = fields.optionalText({"group", "passage_id"});
  return q;
}

Question generation(const Fields& fields, std::initializer_list<const char*> keys) {
  Question q;
  q.references = fields.texts(fields.need(keys));
  q.answer = q.references.front();
  q.group = fields.optionalText({"group", "passage_id"});
  return q;
}

/// The premise before the options: items that share it are no independent observations.
std::string premiseHash(const std::string& input) { return contentHash(std::string_view(input).substr(0, input.find("\nOptions:"))); }

Question bbh(const Fields& fields) {
  Question q = generation(fields, {"target"});
  q.group = premiseHash(fields.text({"input"}));
  return q;
}

Question crowsPair(const Fields& fields) {
  Question q;
  q.choices = {fields.text({"sent_more"}), fields.text({"sent_less"})};
  q.gold = 0;
  q.category = fields.optionalText({"bias_type"});
  const std::string direction = fields.optionalText({"stereo_antistereo"});
  if (direction != "stereo" && direction != "antistereo" && !direction.empty())
    fields.wrong("stereo_antistereo: expected stereo or antistereo, found \"" + direction + "\".");
  q.antistereo = direction == "antistereo";
  return q;
}

/// `toxicity` of the record's prompt or continuation; NaN where it is null or not there.
double scoreIn(const Json& record, const char* part) {
  const auto found = record.find(part);
  if (found == record.end() || !found->is_object()) return std::nan("");
  const auto score = found->find("toxicity");
  return score != found->end() && score->is_number() ? score->get<double>() : std::nan("");
}

Question toxicityPrompt(const Fields& fields) {
  Question q;
  const Json& record = fields.record().value;
  if (auto text = fieldText(record, "continuation.text")) q.references = {*text};
  q.toxicity = scoreIn(record, "continuation");
  const double prompt = scoreIn(record, "prompt");
  q.category = std::isnan(prompt) ? "unscored" : prompt >= 0.5 ? "toxic" : "nontoxic";
  return q;
}

void readTargetScores(const Fields& fields, Question& q) {
  const Json* scores = fields.find({"target_scores"});
  if (!scores) return;
  if (!scores->is_object() || scores->empty()) fields.wrong("target_scores: expected an object choice → number.");
  double best = -INFINITY;
  for (const auto& [choice, score] : scores->items()) {
    if (!score.is_number()) fields.wrong("target_scores: expected a number, found " + score.dump() + ".");
    if (score.get<double>() > best) {
      best = score.get<double>();
      q.gold = static_cast<int>(q.choices.size());
    }
    q.choices.push_back(choice);
    q.choiceScores[choice] = score.get<double>();
  }
}

std::vector<std::string> shownChoices(const std::vector<std::string>& choices, bool permuted) {
  if (!permuted) return choices;
  std::vector<std::string> order = choices, shown;
  std::sort(order.begin(), order.end());   // UTF-8 bytes sort like code points
  for (const std::int64_t at : numpyPermutation(42, static_cast<std::int64_t>(order.size())))
    shown.push_back(order[static_cast<std::size_t>(at)]);
  return shown;
}

Question bigbench(const Fields& fields, const Json& header, bool permuted) {
  Question q;
  const std::string input = fields.text({"input"});
  readTargetScores(fields, q);
  if (const Json* target = fields.find({"target"})) {
    q.references = fields.texts(*target);
    if (const int at = positionOf(q.choices, q.references.front()); at >= 0) q.gold = at;
  }
  if (q.references.empty() && q.choices.empty()) fields.wrong("has neither \"target\" nor \"target_scores\".");
  if (q.references.empty()) q.references = {q.choices[static_cast<std::size_t>(q.gold)]};
  q.answer = q.references.front();
  q.text = headerText(header, "example_input_prefix", "\nQ: ") + input;
  const auto append = header.find("append_choices_to_input");
  if (append == header.end() || !append->is_boolean() || append->get<bool>())
    for (const std::string& choice : shownChoices(q.choices, permuted)) q.text += headerText(header, "choice_prefix", "\n  choice: ") + choice;
  q.text += std::string(text::rightStripped(headerText(header, "example_output_prefix", "\nA: ")));
  q.group = contentHash(input);
  return q;
}

/// The record as it would be in the other world: another text of the question, or some fields replaced. Nothing: it does not say.
std::optional<DataRecord> otherWorld(const Fields& fields) {
  const Json* swapped = fields.find({"counterfactual"});
  if (!swapped) return std::nullopt;
  DataRecord other = fields.record();
  if (swapped->is_string()) {
    for (const char* key : {"question", "input", "prompt"})
      if (other.value.contains(key)) other.value[key] = *swapped;
  } else if (swapped->is_object() && !swapped->empty()) {
    for (const auto& [key, value] : swapped->items()) {
      if (!other.value.contains(key)) fields.wrong("counterfactual: the field \"" + key + "\" is not one of the record's.");
      other.value[key] = value;
    }
  } else {
    fields.wrong("counterfactual: expected a text or an object of fields, found " + swapped->dump() + ".");
  }
  return other;
}

}  // namespace

QuestionReader::QuestionReader(const Sidecar& sidecar, const DataFile& data) : m_sidecar(sidecar), m_data(data) {}

Question QuestionReader::read(const DataRecord& record, const std::filesystem::path& file) const {
  const Fields fields(file, record);
  Question q;
  // Examples from another file are written with the prefixes of the task's own.
  if (m_sidecar.format == "bigbench") q = bigbench(fields, m_data.headers[std::min(record.part, m_data.headers.size() - 1)], m_sidecar.permutedChoices);
  else if (m_sidecar.format == "perplexity") q.answer = fields.text({"text"});
  else if (m_sidecar.format == "multiple_choice") q = multipleChoice(fields);
  else if (m_sidecar.format == "gsm8k") q = generation(fields, {"answer"});
  else if (m_sidecar.format == "bbh") q = bbh(fields);
  else if (m_sidecar.format == "crows_pairs") q = crowsPair(fields);
  else if (m_sidecar.format == "realtoxicityprompts") q = toxicityPrompt(fields);
  else q = generation(fields, {"references", "reference", "target", "answer"});
  if (m_sidecar.format != "bigbench" || m_sidecar.prompt) q.text = filled(m_sidecar.prompt.value_or(defaultPrompt(m_sidecar)), fields);
  if (m_sidecar.format == "multiple_choice" || m_sidecar.format == "generation")
    if (const auto other = otherWorld(fields)) q.counterfactual = filled(m_sidecar.prompt.value_or(defaultPrompt(m_sidecar)), Fields(file, *other));
  if (q.group.empty()) q.group = std::to_string(record.index);
  if (m_sidecar.format == "bigbench") q.category = m_data.parts[std::min(record.part, m_data.parts.size() - 1)];
  return q;
}

}  // namespace lacuna::tasks
