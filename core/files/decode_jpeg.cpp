#include <cstdio>  // jpeglib.h needs FILE

#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <string>

#include "image_decoders.h"

namespace lacuna::files {
namespace {

/// libjpeg leaves by longjmp: nothing between it and the call has a destructor.
struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char why[JMSG_LENGTH_MAX];
};

[[noreturn]] void onError(j_common_ptr jpeg) {
  auto* const failure = reinterpret_cast<Failure*>(jpeg->err);
  failure->manager.format_message(jpeg, failure->why);
  std::longjmp(failure->jump, 1);
}

/// A picture that ends early would be grey at its end; other warnings are about things every reader overlooks.
void onMessage(j_common_ptr jpeg, int) {
  if (jpeg->err->msg_code == JWRN_JPEG_EOF) onError(jpeg);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) {
    m_jpeg.err = jpeg_std_error(&m_failure.manager);
    m_failure.manager.error_exit = onError;
    m_failure.manager.emit_message = onMessage;
    if (setjmp(m_failure.jump)) throw BadImage("libjpeg could not be started");
    jpeg_create_decompress(&m_jpeg);
    jpeg_mem_src(&m_jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  ~Reader() { jpeg_destroy_decompress(&m_jpeg); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool readHeader() {
    if (setjmp(m_failure.jump)) return false;
    jpeg_read_header(&m_jpeg, TRUE);
    return true;
  }
  bool start() {
    if (setjmp(m_failure.jump)) return false;
    const bool fourInks = m_jpeg.jpeg_color_space == JCS_CMYK || m_jpeg.jpeg_color_space == JCS_YCCK;
    m_jpeg.out_color_space = fourInks ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&m_jpeg);
    return true;
  }
  bool readRow(JSAMPROW row) {
    if (setjmp(m_failure.jump)) return false;
    return jpeg_read_scanlines(&m_jpeg, &row, 1) == 1;
  }
  std::int64_t width() const { return m_jpeg.image_width; }
  std::int64_t height() const { return m_jpeg.image_height; }
  std::int64_t channels() const { return m_jpeg.output_components; }
  bool inverted() const { return m_jpeg.saw_Adobe_marker; }
  const char* why() const { return m_failure.why; }

 private:
  jpeg_decompress_struct m_jpeg{};
  Failure m_failure{};
};

/// PIL's rule: r = 255 − k − c·(255 − k)/255, the product divided with rounding.
void inksToRgb(const std::uint8_t* inks, bool inverted, std::int64_t width, std::uint8_t* rgb) {
  for (std::int64_t x = 0; x < width; ++x, inks += 4, rgb += 3) {
    const auto ink = [&](int i) { return inverted ? 255 - inks[i] : static_cast<int>(inks[i]); };
    const int light = 255 - ink(3);
    for (int c = 0; c < 3; ++c) {
      const int product = ink(c) * light + 128;
      const int value = light - ((product + (product >> 8)) >> 8);
      rgb[c] = static_cast<std::uint8_t>(value < 0 ? 0 : value);
    }
  }
}

}  // namespace

Image decodeJpeg(std::string_view bytes) {
  Reader reader(bytes);
  if (!reader.readHeader()) throw BadImage(reader.why());
  checkImageSize(static_cast<std::uint64_t>(reader.width()), static_cast<std::uint64_t>(reader.height()));
  if (!reader.start()) throw BadImage(reader.why());
  Image image{reader.width(), reader.height(), std::vector<std::uint8_t>(static_cast<std::size_t>(3 * reader.width() * reader.height()))};
  std::vector<std::uint8_t> inks(static_cast<std::size_t>(4 * image.width));
  for (std::int64_t y = 0; y < image.height; ++y) {
    std::uint8_t* const rgb = image.rgb.data() + y * 3 * image.width;
    if (!reader.readRow(reader.channels() == 4 ? inks.data() : rgb)) throw BadImage(reader.why());
    if (reader.channels() == 4) inksToRgb(inks.data(), reader.inverted(), image.width, rgb);
  }
  return image;
}

}  // namespace lacuna::files
