#include "reading_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"

namespace lacuna::corpus {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kMagic = "LACREAD1\n";
constexpr const char* kEnding = ".reading";
constexpr std::size_t kChecksum = 32;
constexpr std::chrono::seconds kFlushed{5};        // what a reading that is killed may lose
constexpr std::uint64_t kRowMask = (std::uint64_t{1} << kRowBits) - 1;

std::string bytesOf(const json& value) {
  std::string out;
  json::to_cbor(value, out);
  return out;
}

json reportJson(const files::ReadReport& report) {
  return {{"documents", report.documents}, {"bytes", report.bytes}, {"bad", report.bad}, {"repaired", report.repaired},
          {"examples", report.examples}, {"warnings", report.warnings}, {"text_field", report.textField}, {"fields", report.metadataFields},
          {"damaged", report.damaged()}};
}

files::ReadReport reportOf(const json& from, const std::string& path) {
  files::ReadReport report;
  report.documents = from.at("documents");
  report.bytes = from.at("bytes");
  from.at("bad").get_to(report.bad);
  from.at("repaired").get_to(report.repaired);
  from.at("examples").get_to(report.examples);
  from.at("warnings").get_to(report.warnings);
  report.textField = from.at("text_field");
  from.at("fields").get_to(report.metadataFields);
  report.files.push_back({path, report.documents, from.at("damaged")});
  return report;
}

json candidateJson(const Candidate& candidate) {
  return json::array({candidate.order & kRowMask, candidate.duplicates, candidate.content, candidate.metadata, candidate.text});
}

Candidate candidateOf(json&& from) {
  Candidate candidate;
  candidate.order = from.at(0).get<std::uint64_t>() & kRowMask;
  candidate.duplicates = from.at(1);
  candidate.content = from.at(2);
  from.at(3).get_to(candidate.metadata);
  candidate.text = std::move(from.at(4).get_ref<std::string&>());
  return candidate;
}

/// One record; nothing when there is none that is whole and sound before `end`.
std::optional<std::string> nextRecord(std::ifstream& in, std::uint64_t end) {
  std::uint64_t size = 0;
  const auto at = static_cast<std::uint64_t>(in.tellg());
  if (at > end || end - at < sizeof size + kChecksum || !in.read(reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  if (size > end - at - sizeof size - kChecksum) return std::nullopt;
  std::string payload(size, '\0'), checksum(kChecksum, '\0');
  if (!in.read(payload.data(), static_cast<std::streamsize>(size)) || !in.read(checksum.data(), kChecksum)) return std::nullopt;
  return contentHash(payload) == checksum ? std::optional(std::move(payload)) : std::nullopt;
}

/// A lock that ends with the process; -1: somebody else has it, or there can be none.
int lockFile(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file >= 0 && ::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  if (file >= 0) ::close(file);
  return -1;
}

}  // namespace

struct ReadingLog::Entry {
  std::string path;
  files::FileStamp stamp;
  files::ReadReport report;
  json counts;
  std::vector<Candidate> candidates;
};

ReadingLog::ReadingLog(const files::CacheSettings& settings, const std::string& reading, bool ownField) : m_ownField(ownField), m_flushed(std::chrono::steady_clock::now()) {
  if (settings.folder.empty()) return;
  const fs::path folder = settings.folder / reading;
  m_file = folder / (std::string("files") + kEnding);
  try {
    m_room.emplace(settings, folder, kEnding);
  } catch (const Error& error) {
    giveUp(error.message());
  }
  if (m_room) m_lock = lockFile(folder / "writer");
  if (m_lock < 0) m_room.reset();   // somebody reads the same corpus at this time
}

ReadingLog::~ReadingLog() {
  m_out.close();
  if (m_lock >= 0) ::close(m_lock);
}

void ReadingLog::giveUp(const std::string& why) {
  log::warning("what is read of the corpus is not kept in " + m_file.parent_path().string() + ": " + why +
               " (set LACUNA_CACHE to a folder that can be written, or use --no-cache)");
  m_room.reset();
}

bool ReadingLog::readEntry(std::ifstream& in, std::uint64_t size, Entry& entry) const {
  auto head = nextRecord(in, size);
  if (!head) return false;
  try {
    const json from = json::from_cbor(*head);
    entry = {from.at("path"), {from.at("size"), from.at("modified")}, {}, from.at("counts"), {}};
    entry.report = reportOf(from.at("report"), entry.path);
    for (std::uint64_t left = from.at("kept"); left > 0; --left) {
      const auto record = nextRecord(in, size);
      if (!record) return false;
      entry.candidates.push_back(candidateOf(json::from_cbor(*record)));
    }
  } catch (const json::exception&) {   // sound bytes that are no such entry: made by another program
    return false;
  }
  return true;
}

std::map<std::size_t, files::ReadReport> ReadingLog::load(const std::vector<fs::path>& files, Gathered& all, const RunContext& context) {
  std::map<std::size_t, files::ReadReport> known;
  if (!m_room) return known;
  m_files = files;
  for (const fs::path& file : files) m_stamps.push_back(files::stampOf(file));
  openBehind(readEntries(all, known, context));
  return known;
}

/// False when the counts are of no such reading.
bool ReadingLog::addTo(Gathered& part, Entry& entry, std::size_t file) {
  try {
    part.addCounts(entry.counts);
  } catch (const json::exception&) {
    return false;
  }
  for (Candidate& candidate : entry.candidates) {
    candidate.order |= file << kRowBits;
    part.restore(std::move(candidate));
  }
  return true;
}

std::string ReadingLog::listHash() const {
  Hasher hasher;
  if (m_ownField)
    for (std::size_t i = 0; i < m_files.size(); ++i) hasher.add(m_files[i].string()).add(m_stamps[i].size).add(m_stamps[i].modified);
  return hasher.hex();
}

std::uint64_t ReadingLog::readEntries(Gathered& all, std::map<std::size_t, files::ReadReport>& known, const RunContext& context) const {
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < m_files.size(); ++i) places.emplace(m_files[i].string(), i);
  std::ifstream in(m_file, std::ios::binary);
  std::string magic(kMagic.size(), '\0');
  if (!in.read(magic.data(), static_cast<std::streamsize>(magic.size())) || magic != kMagic) return 0;
  const std::uint64_t size = fs::file_size(m_file);
  if (nextRecord(in, size) != listHash()) return 0;
  auto sound = static_cast<std::uint64_t>(in.tellg());
  for (Entry entry; readEntry(in, size, entry); sound = static_cast<std::uint64_t>(in.tellg())) {
    context.checkpoint();
    const auto place = places.find(entry.path);
    if (place == places.end() || m_stamps[place->second] != entry.stamp || known.contains(place->second)) break;
    Gathered part = all.fresh();
    if (!addTo(part, entry, place->second)) break;
    all.merge(std::move(part));
    known.emplace(place->second, std::move(entry.report));
  }
  return sound;
}

void ReadingLog::openBehind(std::uint64_t sound) {
  std::error_code failed;
  if (sound > 0) fs::resize_file(m_file, sound, failed);
  m_out.open(m_file, std::ios::binary | (sound > 0 ? std::ios::app : std::ios::trunc));
  if (sound > 0) {
    files::markUsed(m_file);
  } else {
    m_out << kMagic;
    write(listHash());
    m_out.flush();
  }
  if (!m_out || failed) giveUp("the file " + m_file.string() + " cannot be written");
}

void ReadingLog::write(const std::string& payload) {
  const std::uint64_t size = payload.size();
  m_out.write(reinterpret_cast<const char*>(&size), sizeof size);
  m_out << payload << contentHash(payload);
}

void ReadingLog::add(std::size_t file, const files::ReadReport& report, const Gathered& gave) {
  if (!m_room) return;
  if (report.damaged()) return m_room.reset();   // those behind it are cut by what it gave this time
  std::uint64_t kept = 0, bytes = 0;
  gave.each([&](const Candidate& candidate) {
    ++kept;
    bytes += candidate.text.size() + 200;
  });
  if (!m_room->make(bytes)) return m_room.reset();
  write(bytesOf({{"path", m_files.at(file).string()}, {"size", m_stamps[file].size}, {"modified", m_stamps[file].modified},
                 {"report", reportJson(report)}, {"counts", gave.counts()}, {"kept", kept}}));
  gave.each([&](const Candidate& candidate) { write(bytesOf(candidateJson(candidate))); });
  if (const auto now = std::chrono::steady_clock::now(); now - m_flushed > kFlushed) {
    m_out.flush();
    m_flushed = now;
  }
  if (!m_out) giveUp("the file cannot be written to its end");
}

}  // namespace lacuna::corpus
