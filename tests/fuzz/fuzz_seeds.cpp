// Writes small valid inputs for the fuzzers to start from: fuzz_seeds FOLDER makes FOLDER/gguf, FOLDER/text
// and FOLDER/json.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>

#include "tests/engine/gguf_builder.h"
#include "tests/engine/tiny_model.h"

namespace {

void write(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder(arguments[1]);
  std::filesystem::create_directories(folder / "gguf");
  std::filesystem::create_directories(folder / "text");
  std::filesystem::create_directories(folder / "json");

  auto builder = fovea::testing::tiny_model();
  write(folder / "gguf" / "tiny_model", builder.build());
  builder.tensors.clear();  // all of the metadata and little else, so that mutations hit it
  write(folder / "gguf" / "metadata", builder.build());
  auto small = fovea::testing::small_file();
  small.set_strings("texts", {"one", "two"}).set_bool("yes", true);
  write(folder / "gguf" / "small", small.build());

  // A sentencepiece model by hand: <unk>, a, ab, the user-defined xy; algorithm BPE.
  const std::string model = std::string("\x02\x0A\x09\x0A\x05<unk>\x18\x02") + "\x0A\x03\x0A\x01" + "a" +
                            "\x0A\x04\x0A\x02" + "ab" + "\x0A\x06\x0A\x02" + "xy\x18\x04" +
                            "\x12\x02\x18\x02";
  write(folder / "text" / "model", std::as_bytes(std::span(model)));
  int number = 0;
  for (const std::string text :
       {"\x01Hello, world!", "\x01</s><|user|>\xF0\x9F\x99\x82 \xC3", "\x01  two  spaces \n"}) {
    write(folder / "text" / ("text" + std::to_string(number++)), std::as_bytes(std::span(text)));
  }

  // An alignment of two verifier layers with one head, and a draft of one layer with two.
  const std::string alignment =
      R"({"format": "fovea-alignment", "version": 1,
"verifier": {"name": "v", "hash": "0123456789abcdef0123456789abcdef", "layers": 2, "kv_heads": 1},
"draft": {"name": "d", "hash": "fedcba9876543210fedcba9876543210", "layers": 1, "kv_heads": 2},
"calibration": {"description": "text", "tokens": 100, "rows": 5},
"layer_map": [0, 0], "head_map": [[1], [0]], "mixture": [[0.5, 0.5], [1, 0]], "sensitivity": [1, 0.5],
"layer_cost": [[0.25], [1]], "head_cost": [[2, 1], [0, 1e-06]]})";
  write(folder / "json" / "alignment", std::as_bytes(std::span(alignment)));
}
