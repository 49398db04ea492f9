#include "sentencepiece_model.h"

#include <bit>
#include <functional>

namespace lacuna::text {
namespace {

/// One field of a protobuf message: a number (varint or fixed) or bytes.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

/// Walks the fields of a message; any malformed byte makes next() false and ok() false.
class Message {
 public:
  explicit Message(std::string_view bytes) : m_rest(bytes) {}

  bool next(Field& field) {
    if (m_rest.empty() || !m_ok) return false;
    const std::uint64_t key = varint();
    field = {static_cast<std::uint32_t>(key >> 3), 0, {}};
    switch (key & 7) {
      case 0: field.value = varint(); break;
      case 1: field.value = fixed(8); break;
      case 2: field.bytes = take(varint()); break;
      case 5: field.value = fixed(4); break;
      default: m_ok = false;
    }
    return m_ok && field.number != 0;
  }
  bool ok() const { return m_ok && m_rest.empty(); }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(m_rest.front());
      m_rest.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    m_ok = false;
    return 0;
  }
  std::string_view take(std::uint64_t size) {
    if (size > m_rest.size()) {
      m_ok = false;
      return {};
    }
    const std::string_view bytes = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return bytes;
  }
  std::uint64_t fixed(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  std::string_view m_rest;
  bool m_ok = true;
};

bool forEachField(std::string_view bytes, const std::function<bool(const Field&)>& use) {
  Message message(bytes);
  for (Field field; message.next(field);)
    if (!use(field)) return false;
  return message.ok();
}

bool parsePiece(std::string_view bytes, SentencePieceModel& model) {
  SentencePieceModel::Piece piece;
  const bool ok = forEachField(bytes, [&](const Field& field) {
    if (field.number == 1) piece.text = std::string(field.bytes);
    if (field.number == 2) piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
    if (field.number == 3) piece.type = static_cast<SentencePieceModel::Type>(field.value);
    return true;
  });
  model.pieces.push_back(std::move(piece));
  return ok;
}

}  // namespace

std::optional<SentencePieceModel> parseSentencePiece(std::string_view bytes) {
  SentencePieceModel model;
  const bool ok = forEachField(bytes, [&](const Field& field) {
    if (field.number == 1) return parsePiece(field.bytes, model);
    if (field.number == 2)
      return forEachField(field.bytes, [&](const Field& trainer) {
        if (trainer.number == 3) model.modelType = static_cast<int>(trainer.value);
        if (trainer.number == 40) model.unknownId = static_cast<std::int32_t>(trainer.value);
        if (trainer.number == 45) model.unknownPiece = std::string(trainer.bytes);
        return true;
      });
    if (field.number == 3)
      return forEachField(field.bytes, [&](const Field& normalizer) {
        if (normalizer.number == 2) model.charsMap = std::string(normalizer.bytes);
        return true;
      });
    return true;
  });
  if (!ok || model.pieces.empty()) return std::nullopt;
  return model;
}

}  // namespace lacuna::text
