#include "app/cli/text_file.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <istream>

namespace fovea::app::cli {
namespace {

Result<std::string> readAll(std::istream& stream, const std::string& name) {
  std::string text;
  std::array<char, 65536> bytes{};
  while (stream.read(bytes.data(), bytes.size()) || stream.gcount() > 0) {
    text.append(bytes.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kTextBytesMax) {
      return Error{ErrorCode::kUnreadable, name + " holds more than 256 MiB of text.", "Give a part of it."};
    }
  }
  if (stream.bad()) return Error{ErrorCode::kUnreadable, name + " could not be read to its end.", ""};
  return text;
}

}  // namespace

Result<std::string> readTextFile(const std::string& path, const std::string& option) {
  if (path == "-") return readAll(std::cin, option + ": standard input");
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    return Error{ErrorCode::kNotFound, option + ": there is no file '" + path + "'.", ""};
  }
  if (std::filesystem::is_directory(status)) {
    return Error{ErrorCode::kUnreadable, option + ": '" + path + "' is a folder, not a text file.", ""};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kUnreadable, option + ": '" + path + "' cannot be opened.", ""};
  return readAll(file, option + ": '" + path + "'");
}

}  // namespace fovea::app::cli
