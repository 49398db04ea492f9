#include <png.h>

#include <csetjmp>
#include <cstring>
#include <string>

#include "image_decoders.h"

namespace lacuna::files {
namespace {

/// The bytes still to be read, and what went wrong; libpng leaves by longjmp, so nothing here has a destructor.
struct Input {
  const char* bytes;
  std::size_t left;
  char why[160];
};

void readBytes(png_structp png, png_bytep out, png_size_t count) {
  auto* const input = static_cast<Input*>(png_get_io_ptr(png));
  if (count > input->left) png_error(png, "the file ends too early");
  std::memcpy(out, input->bytes, count);
  input->bytes += count;
  input->left -= count;
}

[[noreturn]] void onError(png_structp png, png_const_charp message) {
  auto* const input = static_cast<Input*>(png_get_error_ptr(png));
  std::strncpy(input->why, message, sizeof input->why - 1);
  png_longjmp(png, 1);
}

void onWarning(png_structp, png_const_charp) {}

/// Everything becomes 8-bit RGB.
void askForRgb(png_structp png, png_infop info) {
  const int type = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
  if (depth == 16) png_set_strip_16(png);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (type == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if ((type & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

/// Owns libpng's two structures.
struct Reader {
  Input input{};
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit Reader(std::string_view bytes) : input{bytes.data(), bytes.size(), {}} {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, onError, onWarning);
    if (png) info = png_create_info_struct(png);
    if (!info) throw BadImage("libpng could not be started");
    png_set_read_fn(png, &input, readBytes);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool readHeader() {
    if (setjmp(png_jmpbuf(png))) return false;
    png_read_info(png, info);
    return true;
  }
  bool readRows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_read_image(png, rows);
    return true;
  }
  bool prepare() {
    if (setjmp(png_jmpbuf(png))) return false;
    askForRgb(png, info);
    return png_get_rowbytes(png, info) == std::size_t{3} * png_get_image_width(png, info);
  }
};

}  // namespace

Image decodePng(std::string_view bytes) {
  Reader reader(bytes);
  if (!reader.readHeader()) throw BadImage(reader.input.why);
  Image image;
  image.width = png_get_image_width(reader.png, reader.info);
  image.height = png_get_image_height(reader.png, reader.info);
  checkImageSize(static_cast<std::uint64_t>(image.width), static_cast<std::uint64_t>(image.height));
  if (png_get_bit_depth(reader.png, reader.info) == 16 && png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_GRAY)
    throw BadImage("grey of 16 bits, which the reference would clip to white");
  if (!reader.prepare()) throw BadImage(std::string("its rows cannot be read as RGB; ") + reader.input.why);
  image.rgb.resize(static_cast<std::size_t>(3 * image.width * image.height));
  std::vector<png_bytep> rows;
  for (std::int64_t y = 0; y < image.height; ++y) rows.push_back(image.rgb.data() + y * 3 * image.width);
  if (!reader.readRows(rows.data())) throw BadImage(reader.input.why);
  return image;
}

}  // namespace lacuna::files
