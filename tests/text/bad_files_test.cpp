#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <functional>

#include <sys/stat.h>
#include <unistd.h>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/text/text.h"
#include "tokenizer_json.h"

using namespace lacuna;
using namespace lacuna::text;

namespace fs = std::filesystem;

namespace {

fs::path data(const char* name) { return fs::path(LACUNA_TEST_DATA) / "tokenizers" / name; }

using Spoil = std::function<void(const fs::path& folder)>;
struct Case {
  const char* name;
  const char* base;   ///< folder that is spoilt
  Spoil spoil;
  bool mayLoad = false;   ///< odd, but usable: then texts must come out or be refused, no more
};

void write(const fs::path& path, const std::string& bytes) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}
Spoil file(const char* name, std::string bytes) {
  return [=](const fs::path& folder) { write(folder / name, bytes); };
}
Spoil cut(const char* name, double share) {
  return [=](const fs::path& folder) {
    std::string bytes = files::readText(folder / name);
    bytes.resize(static_cast<std::size_t>(static_cast<double>(bytes.size()) * share));
    write(folder / name, bytes);
  };
}
Spoil json(const char* name, const std::function<void(Json&)>& change) {
  return [=](const fs::path& folder) {
    Json parsed = Json::parse(files::readText(folder / name));
    change(parsed);
    write(folder / name, parsed.dump());
  };
}
Spoil tokenizer(const std::function<void(Json&)>& change) { return json("tokenizer.json", change); }
Spoil link(const char* name, const char* target) {
  return [=](const fs::path& folder) {
    fs::remove(folder / name);
    fs::create_symlink(target, folder / name);
  };
}

/// {"type":"Sequence", key: [{"type":"Sequence", …}]}, `depth` times.
Json nested(const char* key, int depth) {
  Json out = {{"type", "Sequence"}, {key, Json::array()}};
  for (int i = 0; i < depth; ++i) out = {{"type", "Sequence"}, {key, Json::array({out})}};
  return out;
}

constexpr const char* bpe = "gpt2_bytelevel";
constexpr const char* wordPiece = "bert_uncased";
constexpr const char* unigram = "unigram_xlmr";

std::vector<Case> jsonCases() {
  return {
      {"empty", bpe, file("tokenizer.json", "")},
      {"cut", bpe, cut("tokenizer.json", 0.6)},
      {"a list", bpe, file("tokenizer.json", "[]")},
      {"a web page", bpe, file("tokenizer.json", "<!DOCTYPE html>")},
      {"an LFS pointer", bpe, file("tokenizer.json", "version https://git-lfs.github.com/spec/v1\n")},
      {"not UTF-8", bpe, file("tokenizer.json", "{\"version\":\"\xC3\"}")},
      {"100000 deep", bpe, file("tokenizer.json", "{\"model\":" + std::string(100000, '['))},
      {"model missing", bpe, tokenizer([](Json& j) { j.erase("model"); })},
      {"model null", bpe, tokenizer([](Json& j) { j["model"] = nullptr; })},
      {"model of an unknown type", bpe, tokenizer([](Json& j) { j["model"]["type"] = "Oracle"; })},
      {"vocabulary a list", bpe, tokenizer([](Json& j) { j["model"]["vocab"] = Json::array({1, 2}); })},
      {"id negative", bpe, tokenizer([](Json& j) { j["model"]["vocab"]["a"] = -1; })},
      {"id 2^40", bpe, tokenizer([](Json& j) { j["model"]["vocab"]["a"] = std::int64_t{1} << 40; })},
      {"id a text", bpe, tokenizer([](Json& j) { j["model"]["vocab"]["a"] = "1"; })},
      {"two pieces of one id", bpe, tokenizer([](Json& j) { j["model"]["vocab"]["a"] = 5; }), true},
      {"merge of unknown pieces", bpe, tokenizer([](Json& j) { j["model"]["merges"].push_back({"qqq", "zzz"}); })},
      {"merge of three pieces", bpe, tokenizer([](Json& j) { j["model"]["merges"].push_back({"a", "b", "c"}); })},
      {"merge a number", bpe, tokenizer([](Json& j) { j["model"]["merges"].push_back(7); })},
      {"dropout 2", bpe, tokenizer([](Json& j) { j["model"]["dropout"] = 2.0; }), true},
      {"added token without id", bpe, tokenizer([](Json& j) { j["added_tokens"].push_back({{"content", "x"}}); })},
      {"added token of a far id", bpe, tokenizer([](Json& j) {
         j["added_tokens"].push_back({{"id", 4000000000u}, {"content", "<far>"}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}, {"special", true}});
       }), true},
      {"unknown pre-tokenizer", bpe, tokenizer([](Json& j) { j["pre_tokenizer"] = {{"type", "Mystery"}}; })},
      {"regular expression broken", bpe, tokenizer([](Json& j) { j["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(((("}}}, {"behavior", "Isolated"}, {"invert", false}}; })},
      {"regular expression that explodes", bpe, tokenizer([](Json& j) { j["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a*)*\\1b"}}}, {"behavior", "Isolated"}, {"invert", false}}; }), true},
      {"regular expression of a million", bpe, tokenizer([](Json& j) { j["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(?:a{1000}){1000}"}}}, {"behavior", "Isolated"}, {"invert", false}}; }), true},
      {"normalisers in normalisers", bpe, tokenizer([](Json& j) { j["normalizer"] = nested("normalizers", 60); }), true},
      {"pre-tokenizers in pre-tokenizers", bpe, tokenizer([](Json& j) { j["pre_tokenizer"] = nested("pretokenizers", 60); }), true},
      {"decoders in decoders", bpe, tokenizer([](Json& j) { j["decoder"] = nested("decoders", 60); }), true},
      {"template with an unknown token", wordPiece, tokenizer([](Json& j) { j["post_processor"]["special_tokens"] = Json::object(); })},
      {"template that names itself", wordPiece, tokenizer([](Json& j) {
         j["post_processor"]["single"] = Json::array({{{"SpecialToken", {{"id", "$A"}, {"type_id", 0}}}}});
       }), true},
      {"template without a text", wordPiece, tokenizer([](Json& j) { j["post_processor"]["single"] = Json::array(); }), true},
      {"longest word 0", wordPiece, tokenizer([](Json& j) { j["model"]["max_input_chars_per_word"] = 0; }), true},
      {"unknown token not in the vocabulary", wordPiece, tokenizer([](Json& j) { j["model"]["unk_token"] = "<nowhere>"; }), true},
      {"truncation to nothing", wordPiece, tokenizer([](Json& j) { j["truncation"] = {{"direction", "Right"}, {"max_length", 0}, {"strategy", "LongestFirst"}, {"stride", 0}}; }), true},
      {"truncation with a long stride", wordPiece, tokenizer([](Json& j) { j["truncation"] = {{"direction", "Right"}, {"max_length", 2}, {"strategy", "LongestFirst"}, {"stride", 1000}}; }), true},
      {"unknown id beyond the pieces", unigram, tokenizer([](Json& j) { j["model"]["unk_id"] = 1000000; })},
      {"no unknown id", unigram, tokenizer([](Json& j) { j["model"]["unk_id"] = nullptr; }), true},
      {"no pieces", unigram, tokenizer([](Json& j) { j["model"]["vocab"] = Json::array(); })},
      {"score null", unigram, tokenizer([](Json& j) { j["model"]["vocab"][5][1] = nullptr; })},
      {"an empty piece", unigram, tokenizer([](Json& j) { j["model"]["vocab"][5][0] = ""; }), true},
      {"characters map not base64", unigram, tokenizer([](Json& j) { j["normalizer"]["normalizers"][0]["precompiled_charsmap"] = "%%%"; })},
      {"characters map of noise", unigram, tokenizer([](Json& j) { j["normalizer"]["normalizers"][0]["precompiled_charsmap"] = "/////w=="; }), true},
      {"characters map cut", unigram, tokenizer([](Json& j) {
         auto& map = j["normalizer"]["normalizers"][0]["precompiled_charsmap"];
         map = map.get<std::string>().substr(0, 400);
       }), true},
      {"a link to itself", bpe, link("tokenizer.json", "tokenizer.json")},
      {"a device", bpe, link("tokenizer.json", "/dev/zero")},
      {"a pipe", bpe, [](const fs::path& folder) {
         fs::remove(folder / "tokenizer.json");
         QCOMPARE(::mkfifo((folder / "tokenizer.json").c_str(), 0600), 0);
       }},
      {"a folder", bpe, [](const fs::path& folder) {
         fs::remove(folder / "tokenizer.json");
         fs::create_directory(folder / "tokenizer.json");
       }},
      {"of 513 MiB", bpe, [](const fs::path& folder) { fs::resize_file(folder / "tokenizer.json", std::uintmax_t{513} << 20); }},   // a hole, not blocks
      {"config cut", bpe, file("tokenizer_config.json", "{\"tokenizer_class\":")},
      {"config 100000 deep", bpe, file("tokenizer_config.json", std::string(100000, '['))},
  };
}

/// A field of protobuf: key and bytes.
std::string field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) + bytes;
}

std::vector<Case> olderCases() {
  const char* const gpt2 = "files_gpt2";
  const char* const bert = "files_bert_uncased";
  const char* const llama = "files_llama";
  const std::string unknownPiece = field(1, field(1, "<unk>") + "\x18\x02");
  return {
      {"vocab.json cut", gpt2, cut("vocab.json", 0.5)},
      {"vocab.json a list", gpt2, file("vocab.json", "[]")},
      {"vocab.json key twice", gpt2, file("vocab.json", R"({"a":0,"a":1})")},
      {"vocab.json id negative", gpt2, file("vocab.json", R"({"a":-1})")},
      {"vocab.json id 2^40", gpt2, file("vocab.json", R"({"a":1099511627776})")},
      {"merges.txt one piece", gpt2, file("merges.txt", "#version: 0.2\nab\n")},
      {"merges.txt unknown pieces", gpt2, file("merges.txt", "#version: 0.2\nqqq zzz\n")},
      {"merges.txt binary", gpt2, file("merges.txt", std::string("\0\1\2\xFF", 4))},
      {"added_tokens.json a list", gpt2, file("added_tokens.json", "[1]")},
      {"added token id a text", gpt2, file("added_tokens.json", R"({"<x>":"1"})"), true},
      {"added token of a far id", gpt2, file("tokenizer_config.json", R"({"added_tokens_decoder":{"999999999":{"content":"<x>"}}})"), true},
      {"added_tokens_decoder not a number", gpt2, file("tokenizer_config.json", R"({"added_tokens_decoder":{"one":{"content":"<x>"}}})")},
      {"vocab.txt empty", bert, file("vocab.txt", "")},
      {"vocab.txt without unknown", bert, file("vocab.txt", "a\nb\n")},
      {"vocab.txt without [CLS]", bert, file("vocab.txt", "[UNK]\na\n"), true},
      {"vocab.txt not UTF-8", bert, file("vocab.txt", "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n\xFF\n")},
      {"tokenizer.model empty", llama, file("tokenizer.model", "")},
      {"tokenizer.model cut", llama, cut("tokenizer.model", 0.5), true},
      {"tokenizer.model text", llama, file("tokenizer.model", "IQ== 0\nIg== 1\n")},
      {"tokenizer.model endless number", llama, file("tokenizer.model", std::string(40, '\xFF'))},
      {"tokenizer.model length beyond the file", llama, file("tokenizer.model", std::string("\x0A\xFF\xFF\xFF\xFF\x0F" "abc"))},
      {"tokenizer.model piece not UTF-8", llama, file("tokenizer.model", unknownPiece + field(1, field(1, "\xC3")))},
      {"tokenizer.model of words", llama, file("tokenizer.model", unknownPiece + field(2, std::string("\x18\x03", 2)))},
      {"tokenizer.model unknown id beyond", llama, file("tokenizer.model", unknownPiece + field(2, std::string("\x18\x01\xC0\x02\x64", 5))), true},
  };
}

std::vector<Case> allCases() {
  auto all = jsonCases();
  const auto more = olderCases();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

/// Tokenizer files that are wrong in one way each: LAC-1003 (LAC-1105 where a file cannot be read) with a file and a way out.
class BadFilesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void noFileCrashesOrHangs_data();
  void noFileCrashesOrHangs();
};

void BadFilesTest::noFileCrashesOrHangs_data() {
  QTest::addColumn<int>("number");
  const auto all = allCases();
  for (int i = 0; i < static_cast<int>(all.size()); ++i) QTest::newRow(all[static_cast<std::size_t>(i)].name) << i;
}

void BadFilesTest::noFileCrashesOrHangs() {
  QFETCH(int, number);
  const Case spoilt = allCases()[static_cast<std::size_t>(number)];
  const QTemporaryDir folder;
  const fs::path here = folder.path().toStdString();
  for (const auto& entry : fs::directory_iterator(data(spoilt.base))) {
    fs::copy(entry.path(), here / entry.path().filename());
    fs::permissions(here / entry.path().filename(), fs::perms::owner_read | fs::perms::owner_write);
  }
  spoilt.spoil(here);
  QElapsedTimer timer;
  timer.start();
  try {
    const auto loaded = Tokenizer::load(here);
    QVERIFY2(spoilt.mayLoad, "it was loaded");
    for (const std::string& text : {std::string(), std::string("The layer, again ünï 12 模"), std::string(40, 'a')}) {
      const Encoding encoding = loaded->encode(text, {}, "pair");
      loaded->decode(encoding.ids, false);
    }
  } catch (const Error& error) {
    QVERIFY2(error.code() == "LAC-1003" || error.code() == "LAC-1105", error.what());
    QVERIFY2(!error.hint().empty(), error.what());
    QVERIFY2(spoilt.mayLoad || error.message().find(here.string()) != std::string::npos, error.what());
  }
  QVERIFY2(timer.elapsed() < 20000, "more than twenty seconds");  // sanitisers and a busy machine included
}

QTEST_GUILESS_MAIN(BadFilesTest)
#include "bad_files_test.moc"
