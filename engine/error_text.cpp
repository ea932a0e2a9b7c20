#include "engine/error_text.h"

namespace fovea {

std::string quoted(std::string_view name) {
  constexpr std::size_t kShownBytes = 80;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text = "'";
  for (const char character : name.substr(0, kShownBytes)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7F) {
      text += character;
    } else {
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 0xF];
    }
  }
  if (name.size() > kShownBytes) text += "...";
  text += "'";
  return text;
}

std::string mebibytes(std::size_t bytes) {
  return std::to_string((bytes + (std::size_t{1} << 20) - 1) >> 20) + " MiB";
}

Error file_error(ErrorCode code, std::string_view path, std::string_view problem) {
  std::string message(path);
  message += ": ";
  message += problem;
  message += '.';
  std::string remedy;
  if (code == ErrorCode::kDamaged) remedy = "Download the file again.";
  if (code == ErrorCode::kUnsupported) remedy = "Choose another model file.";
  return Error{code, std::move(message), std::move(remedy)};
}

}  // namespace fovea
