#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

/// Model folders that are wrong in one way each (reliability.md 5), made from sound tiny ones when a test asks.
struct BadFolder {
  const char* name;
  const char* base;                                              ///< fixture that is spoilt
  std::function<void(const std::filesystem::path&)> spoil;
  const char* code;                                              ///< of the error
  std::vector<std::string> says;                                 ///< parts of its message: place, expected, found
};

namespace bad {

namespace fs = std::filesystem;

inline std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void write(const fs::path& path, const std::string& bytes) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

using Spoil = std::function<void(const fs::path&)>;

/// config.json with some keys set.
inline Spoil config(const char* patch) {
  return [=](const fs::path& folder) {
    auto json = nlohmann::json::parse(read(folder / "config.json"));
    json.merge_patch(nlohmann::json::parse(patch));
    write(folder / "config.json", json.dump());
  };
}
inline Spoil file(const char* name, std::string bytes) {
  return [=, bytes = std::move(bytes)](const fs::path& folder) { write(folder / name, bytes); };
}
/// A file with its bytes changed.
inline Spoil edit(const char* name, const std::function<void(std::string&)>& change) {
  return [=](const fs::path& folder) {
    std::string bytes = read(folder / name);
    change(bytes);
    write(folder / name, bytes);
  };
}
inline Spoil link(const char* name, const char* target) {
  return [=](const fs::path& folder) {
    fs::remove(folder / name);
    fs::create_symlink(target, folder / name);
  };
}
inline Spoil pipe(const char* name) {
  return [=](const fs::path& folder) {
    fs::remove(folder / name);
    if (::mkfifo((folder / name).c_str(), 0600) != 0) throw fs::filesystem_error("mkfifo", std::error_code(errno, std::generic_category()));
  };
}
inline Spoil folderInstead(const char* name) {
  return [=](const fs::path& folder) {
    fs::remove(folder / name);
    fs::create_directory(folder / name);
  };
}
inline Spoil renamed(const char* from, const char* to) {
  return [=](const fs::path& folder) { fs::rename(folder / from, folder / to); };
}
inline Spoil removed(const char* name) {
  return [=](const fs::path& folder) { fs::remove(folder / name); };
}

inline std::string lengthBytes(std::uint64_t length) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(length >> (8 * i));
  return out;
}

/// The header of a safetensors file as JSON, changed and written back; the data stays.
inline Spoil header(const std::function<void(nlohmann::ordered_json&)>& change) {
  return edit("model.safetensors", [=](std::string& bytes) {
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    auto json = nlohmann::ordered_json::parse(bytes.substr(8, length));
    change(json);
    const std::string text = json.dump();
    bytes = lengthBytes(text.size()) + text + bytes.substr(8 + length);
  });
}

inline constexpr const char* oneFile = "llama_gqa_llama3";
inline constexpr const char* shards = "llama_mha";
inline constexpr const char* firstShard = "model-00001-of-00002.safetensors";
inline constexpr const char* index = "model.safetensors.index.json";
inline constexpr const char* someTensor = "model.layers.1.mlp.up_proj.weight";

inline std::vector<BadFolder> configs() {
  const auto same = [](const char* name, const char* patch, std::vector<std::string> says) {
    return BadFolder{name, oneFile, config(patch), "LAC-1002", std::move(says)};
  };
  const std::string deep = "{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}";
  return {
      {"no config.json", oneFile, removed("config.json"), "LAC-1001", {"config.json"}},
      {"config.json empty", oneFile, file("config.json", ""), "LAC-1002", {"config.json", "column 1"}},
      {"config.json cut", oneFile, edit("config.json", [](std::string& s) { s.resize(s.size() / 2); }), "LAC-1002", {"config.json", "line"}},
      {"config.json a list", oneFile, file("config.json", "[1]"), "LAC-1002", {"object", "array"}},
      {"config.json 100000 deep", oneFile, file("config.json", deep), "LAC-1002", {"64 levels"}},
      {"config.json key twice", oneFile, file("config.json", R"({"model_type":"llama","model_type":"gpt2"})"), "LAC-1002", {"model_type", "twice"}},
      {"config.json comment", oneFile, file("config.json", "{\n// layers\n\"num_hidden_layers\":2}"), "LAC-1002", {"line 2"}},
      {"config.json 1e400", oneFile, file("config.json", R"({"rms_norm_eps":1e400})"), "LAC-1002", {"1e400"}},
      {"config.json not UTF-8", oneFile, file("config.json", "{\"model_type\":\"\xFF\"}"), "LAC-1002", {"config.json"}},
      {"config.json lone surrogate", oneFile, file("config.json", R"({"model_type":"\ud800"})"), "LAC-1002", {"surrogate"}},
      {"config.json NUL", oneFile, file("config.json", std::string("{}\0{}", 5)), "LAC-1002", {"config.json"}},
      {"config.json NaN", oneFile, file("config.json", R"({"rms_norm_eps":NaN})"), "LAC-1002", {"config.json"}},
      {"config.json a folder", oneFile, folderInstead("config.json"), "LAC-1105", {"config.json", "regular"}},
      {"config.json a pipe", oneFile, pipe("config.json"), "LAC-1105", {"config.json", "regular"}},
      {"config.json a link to itself", oneFile, link("config.json", "config.json"), "LAC-1001", {"config.json"}},
      {"config.json a dangling link", oneFile, link("config.json", "blobs/0123"), "LAC-1001", {"config.json"}},
      {"config.json a device", oneFile, link("config.json", "/dev/zero"), "LAC-1105", {"config.json"}},
      same("unknown architecture", R"({"architectures":["MambaForCausalLM"],"model_type":"mamba"})", {"MambaForCausalLM", "mamba"}),
      same("layers 10^9", R"({"num_hidden_layers":1000000000})", {"num_hidden_layers", "1000000000", "1 to 10000"}),
      same("heads 0", R"({"num_attention_heads":0})", {"num_attention_heads", "is 0"}),
      same("hidden negative", R"({"hidden_size":-36})", {"hidden_size", "-36"}),
      same("hidden a text", R"({"hidden_size":"36"})", {"hidden_size", "whole number", "\"36\""}),
      same("hidden a fraction", R"({"hidden_size":36.5})", {"hidden_size", "36.5"}),
      same("hidden not divisible", R"({"head_dim":null,"num_attention_heads":5,"num_key_value_heads":5})", {"36", "5"}),
      same("vocabulary 0", R"({"vocab_size":0})", {"vocab_size"}),
      same("vocabulary 2^64-1", R"({"vocab_size":18446744073709551615})", {"vocab_size"}),
      same("vocabulary 2^40", R"({"vocab_size":1099511627776})", {"vocab_size", "1099511627776"}),
      same("sizes too large together", R"({"hidden_size":16777216,"intermediate_size":16777216,"num_hidden_layers":10000,"vocab_size":16777216})", {"parameters"}),
      same("kv heads do not divide", R"({"num_key_value_heads":4})", {"heads 6 over 4"}),
      same("theta 0", R"({"rope_theta":0})", {"rope_theta"}),
      same("theta a list", R"({"rope_theta":[1]})", {"rope_theta", "[1]"}),
      same("rope factor negative", R"({"rope_scaling":{"rope_type":"linear","factor":-2}})", {"factor", "-2"}),
      same("rope without factor", R"({"rope_scaling":{"rope_type":"dynamic","factor":null}})", {"factor"}),
      same("rope a list", R"({"rope_scaling":[]})", {"rope_scaling"}),
      same("eps negative", R"({"rms_norm_eps":-0.1})", {"rms_norm_eps"}),
      same("activation unknown", R"({"hidden_act":"swiglu9"})", {"swiglu9"}),
      same("quantised", R"({"quantization_config":{"quant_method":"gptq"}})", {"gptq"}),
      same("end token 2^40", R"({"eos_token_id":1099511627776})", {"eos_token_id"}),
      same("end token a text", R"({"eos_token_id":"</s>"})", {"eos_token_id"}),
      same("architectures a number", R"({"architectures":5})", {"architectures"}),
      {"generation_config.json cut", oneFile, file("generation_config.json", "{\"eos_"), "LAC-1002", {"generation_config.json"}},
  };
}

inline std::vector<BadFolder> weights() {
  const auto same = [](const char* name, Spoil spoil, std::vector<std::string> says) {
    return BadFolder{name, oneFile, std::move(spoil), "LAC-1010", std::move(says)};
  };
  const auto whole = [](const char* name, std::string bytes, std::vector<std::string> says) {
    return BadFolder{name, oneFile, file("model.safetensors", std::move(bytes)), "LAC-1010", std::move(says)};
  };
  return {
      {"no weights", oneFile, removed("model.safetensors"), "LAC-1001", {"model.safetensors"}},
      {"only pickled", oneFile, renamed("model.safetensors", "pytorch_model.bin"), "LAC-1001", {"pytorch_model.bin"}},
      {"only GGUF", oneFile, renamed("model.safetensors", "m.gguf"), "LAC-1001", {"m.gguf"}},
      {"only TensorFlow", oneFile, renamed("model.safetensors", "tf_model.h5"), "LAC-1001", {"tf_model.h5"}},
      {"only Flax", oneFile, renamed("model.safetensors", "flax_model.msgpack"), "LAC-1001", {"flax_model.msgpack"}},
      {"only ONNX", oneFile, renamed("model.safetensors", "model.onnx"), "LAC-1001", {"model.onnx"}},
      same("data cut", edit("model.safetensors", [](std::string& s) { s.resize(s.size() - 100); }), {"MetadataIncompleteBuffer"}),
      same("header cut", edit("model.safetensors", [](std::string& s) { s.resize(200); }), {"InvalidHeaderLength"}),
      same("tail", edit("model.safetensors", [](std::string& s) { s += "PK\3\4"; }), {"MetadataIncompleteBuffer"}),
      same("header length + 1", edit("model.safetensors", [](std::string& s) { ++s[0]; }), {"InvalidHeader"}),
      same("header length 2^60", edit("model.safetensors", [](std::string& s) { s[7] = 0x10; }), {"HeaderTooLarge"}),
      whole("weights empty", "", {"HeaderTooSmall"}),
      whole("weights zeros", std::string(4096, '\0'), {"InvalidHeaderDeserialization"}),
      whole("LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 10\n", {"HeaderTooLarge"}),
      whole("web page", "<!DOCTYPE html><html>login</html>", {"HeaderTooLarge"}),
      whole("GGUF inside", std::string("GGUF\3\0\0\0", 8) + std::string(64, '\0'), {"HeaderTooLarge"}),
      whole("zip inside", std::string("PK\3\4\0\0\0\0", 8) + std::string(64, '\0'), {"InvalidHeaderLength"}),
      same("two tensors on one range", header([](auto& h) { h["model.norm.weight"]["data_offsets"] = h["model.layers.0.input_layernorm.weight"]["data_offsets"]; }), {"InvalidOffset"}),
      same("hole", header([](auto& h) { h.erase(someTensor); }), {"InvalidOffset"}),
      same("shape and span differ", header([](auto& h) { h[someTensor]["shape"][0] = 1000; }), {"TensorInvalidInfo", someTensor}),
      same("unknown dtype", header([](auto& h) { h[someTensor]["dtype"] = "F31"; }), {"F31"}),
      {"integers for weights", oneFile, header([](auto& h) { h[someTensor]["dtype"] = "I32"; }), "LAC-1011", {someTensor, "I32"}},
      {"bytes for weights", oneFile,
       header([](auto& h) {
         h[someTensor]["dtype"] = "F8_E4M3";
         h[someTensor]["shape"][1] = h[someTensor]["shape"][1].template get<int>() * 4;
       }),
       "LAC-1004", {someTensor}},
      {"shape turned round", oneFile, header([](auto& h) { std::swap(h[someTensor]["shape"][0], h[someTensor]["shape"][1]); }), "LAC-1004", {someTensor, "[44, 36]", "[36, 44]"}},
      {"tensor under another name", oneFile,
       header([](auto& h) {
         h["model.layers.1.mlp.up.weight"] = h[someTensor];
         h.erase(someTensor);
       }),
       "LAC-1004", {"layers.1.mlp.up_proj.weight: missing"}},
      {"other sizes in config.json", oneFile, config(R"({"intermediate_size":45,"num_hidden_layers":4})"), "LAC-1004",
       {"model.layers.0.mlp.gate_proj.weight: expected [45, 36], found [44, 36]", "layers.3.self_attn.q_proj.weight: missing"}},
      {"weights a link to themselves", oneFile, link("model.safetensors", "model.safetensors"), "LAC-1001", {"model.safetensors"}},
      {"weights a pipe", oneFile, pipe("model.safetensors"), "LAC-1105", {"model.safetensors"}},
      {"weights a folder", oneFile, folderInstead("model.safetensors"), "LAC-1105", {"model.safetensors"}},
      {"weights a device", oneFile, link("model.safetensors", "/dev/zero"), "LAC-1105", {"model.safetensors"}},
  };
}

inline Spoil shardName(const char* name) {
  return edit(index, [=](std::string& s) {
    auto json = nlohmann::json::parse(s);
    json["weight_map"]["model.norm.weight"] = nlohmann::json::parse(name);
    s = json.dump();
  });
}

inline std::vector<BadFolder> indexes() {
  const auto name = [](const char* label, const char* json) { return BadFolder{label, shards, shardName(json), "LAC-1010", {"/weight_map/model.norm.weight", index}}; };
  const auto whole = [](const char* label, std::string bytes, std::vector<std::string> says) {
    return BadFolder{label, shards, file(index, std::move(bytes)), "LAC-1010", std::move(says)};
  };
  return {
      name("shard ../x", R"("../x.safetensors")"),
      name("shard a/../../x", R"("a/../../x")"),
      name("shard /etc/passwd", R"("/etc/passwd")"),
      name("shard with a backslash", R"("..\\x")"),
      name("shard with NUL", R"("a\u0000b")"),
      name("shard of look-alike letters", R"("m\u043edel-00001-of-00002.safetensors")"),
      name("shard without a name", R"("")"),
      name("shard a number", "7"),
      name("shard null", "null"),
      {"both shards missing", shards,
       [](const fs::path& folder) {
         fs::remove(folder / firstShard);
         fs::remove(folder / "model-00002-of-00002.safetensors");
       },
       "LAC-1001", {firstShard, "model-00002-of-00002.safetensors", "2 of 2"}},
      {"shard missing", shards, removed(firstShard), "LAC-1001", {firstShard, "1 of 2"}},
      {"shard of another case", shards, renamed(firstShard, "Model-00001-of-00002.safetensors"), "LAC-1001", {firstShard}},
      {"shard cut", shards, edit(firstShard, [](std::string& s) { s.resize(s.size() - 3); }), "LAC-1010", {firstShard}},
      {"shards exchanged", shards,
       [](const fs::path& folder) {
         fs::rename(folder / firstShard, folder / "t");
         fs::rename(folder / "model-00002-of-00002.safetensors", folder / firstShard);
         fs::rename(folder / "t", folder / "model-00002-of-00002.safetensors");
       },
       "LAC-1001", {"are not in their files"}},
      {"tensor of the index in no shard", shards, edit(index, [](std::string& s) {
         auto json = nlohmann::json::parse(s);
         json["weight_map"]["model.layers.9.x"] = firstShard;
         s = json.dump();
       }),
       "LAC-1001", {"model.layers.9.x (in model-00001-of-00002.safetensors)"}},
      {"shard a dangling link", shards, link(firstShard, "../../blobs/abc"), "LAC-1001", {firstShard}},
      {"shard a link to another kind of file", shards, link(firstShard, "/etc/passwd"), "LAC-1010", {firstShard}},
      whole("index cut", R"({"weight_map":{)", {index}),
      whole("index empty", "", {index}),
      whole("index a list", "[]", {"weight_map"}),
      whole("index without a map", R"({"metadata":{}})", {"weight_map"}),
      whole("index map a list", R"({"weight_map":["a"]})", {"weight_map"}),
      whole("index deep", R"({"weight_map":)" + std::string(50000, '['), {"64 levels"}),
      whole("index name twice", R"({"weight_map":{"a":"x","a":"y"}})", {"twice"}),
  };
}

inline std::vector<BadFolder> all() {
  std::vector<BadFolder> out = configs();
  for (auto&& more : {weights(), indexes()}) out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace bad
