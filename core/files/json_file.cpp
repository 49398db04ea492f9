#include <set>
#include <stdexcept>
#include <vector>

#include "descriptor.h"
#include "lacuna/files/files.h"
#include "lacuna/files/json.h"

namespace lacuna::files {
namespace {

using Json = nlohmann::json;

constexpr int deepest = 64;

/// Watches the parser: depth, and keys that come twice (a tree would silently keep the last).
class Watch {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > deepest) throw std::invalid_argument("it is nested more than " + std::to_string(deepest) + " levels deep");
    if (event == Json::parse_event_t::object_start) m_keys.emplace_back();
    if (event == Json::parse_event_t::object_end) m_keys.pop_back();
    if (event == Json::parse_event_t::key && !m_keys.back().insert(parsed.get<std::string>()).second)
      throw std::invalid_argument("the key " + parsed.dump(-1, ' ', true) + " is there twice");
    return true;
  }

 private:
  std::vector<std::set<std::string>> m_keys;
};

/// nlohmann's text without its own number: "parse error at line 1, column 3: …".
std::string plain(const std::string& what) {
  const std::size_t bracket = what.find("] ");
  return sanitiseUtf8(bracket == std::string::npos ? what : what.substr(bracket + 2));
}

}  // namespace

Json parseJson(std::string_view text, const std::string& where, const std::string& code) {
  const auto refuse = [&](const std::string& what) {
    return Error(code, where + " is not sound JSON: " + what, "fetch the file again; it must be one JSON document in UTF-8");
  };
  try {
    return Json::parse(text, [watch = Watch()](int depth, Json::parse_event_t event, Json& parsed) mutable { return watch(depth, event, parsed); });
  } catch (const Json::exception& error) {
    throw refuse(plain(error.what()));
  } catch (const std::invalid_argument& error) {
    throw refuse(error.what());
  }
}

Json readJson(const std::filesystem::path& path, const std::string& code, std::uint64_t largestBytes) {
  if (const std::uint64_t bytes = Descriptor::openFile(path).size(); bytes > largestBytes)
    throw Error(code, path.string() + " has " + std::to_string(bytes) + " bytes; at most " + std::to_string(largestBytes) + " are read",
                "this is not the file its name says: fetch it again");
  return parseJson(readText(path), path.string(), code);
}

}  // namespace lacuna::files
