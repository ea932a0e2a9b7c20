#include "engine/gguf.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "tests/engine/gguf_builder.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using testing::GgufBuilder;
using testing::small_file;

Result<Gguf> parse(const std::vector<std::byte>& bytes) {
  return Gguf::from_bytes(bytes, "test.gguf");
}

/// Expects an error that names the file and says `words`, and advises what to do.
void expect_error(const std::vector<std::byte>& bytes, ErrorCode code, const std::string& words) {
  const auto gguf = parse(bytes);
  ASSERT_FALSE(gguf.ok()) << "expected: " << words;
  EXPECT_EQ(gguf.error().code, code) << gguf.error().message;
  EXPECT_TRUE(gguf.error().message.starts_with("test.gguf: ")) << gguf.error().message;
  EXPECT_NE(gguf.error().message.find(words), std::string::npos) << gguf.error().message;
  EXPECT_NE(gguf.error().message.find("(byte "), std::string::npos) << gguf.error().message;
  EXPECT_FALSE(gguf.error().remedy.empty());
}

void expect_damaged(const GgufBuilder& builder, const std::string& words) {
  expect_error(builder.build(), ErrorCode::kDamaged, words);
}

TEST(Gguf, ReadsBothVersions) {
  for (const std::uint32_t version : {2U, 3U}) {
    GgufBuilder builder = small_file();
    builder.version = version;
    const auto bytes = builder.build();
    const auto gguf = parse(bytes);
    ASSERT_TRUE(gguf.ok()) << gguf.error().message;
    EXPECT_EQ(gguf->version(), version);
    EXPECT_EQ(gguf->file_bytes(), bytes.size());
    EXPECT_EQ(gguf->get_int("answer").value(), 42);
    ASSERT_EQ(gguf->tensors().size(), 2U);
    const GgufTensor* second = gguf->find_tensor("second");
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(second->shape, std::vector<std::uint64_t>{3});
    ASSERT_EQ(second->data.size(), 12U);
    float value = 0;
    std::memcpy(&value, second->data.data() + 8, sizeof(value));
    EXPECT_EQ(value, 11.0F);
    EXPECT_EQ(gguf->find_tensor("third"), nullptr);
  }
}

TEST(Gguf, OpensAFileAndSurvivesBeingMoved) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.write("small.gguf", small_file().build());
  auto opened = Gguf::open(path);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const Gguf moved = std::move(opened).value();
  EXPECT_EQ(moved.path(), path);
  EXPECT_EQ(moved.get_int("answer").value(), 42);
  EXPECT_EQ(moved.find_tensor("first")->name, "first");
}

TEST(Gguf, ReportsFilesThatCannotBeOpened) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(Gguf::open(folder.path("absent")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Gguf::open(folder.path()).error().code, ErrorCode::kUnreadable);
  EXPECT_EQ(Gguf::open(folder.write("empty", {})).error().code, ErrorCode::kDamaged);
}

TEST(Gguf, ReadsEveryScalarType) {
  GgufBuilder builder;
  builder.set("u8", GgufType::kUint8, ByteWriter().scalar<std::uint8_t>(200));
  builder.set("i8", GgufType::kInt8, ByteWriter().scalar<std::int8_t>(-100));
  builder.set("u16", GgufType::kUint16, ByteWriter().scalar<std::uint16_t>(60000));
  builder.set("i16", GgufType::kInt16, ByteWriter().scalar<std::int16_t>(-30000));
  builder.set("u32", GgufType::kUint32, ByteWriter().scalar<std::uint32_t>(4000000000U));
  builder.set("i32", GgufType::kInt32, ByteWriter().scalar<std::int32_t>(-2000000000));
  builder.set("u64", GgufType::kUint64, ByteWriter().scalar(std::numeric_limits<std::uint64_t>::max()));
  builder.set("i64", GgufType::kInt64, ByteWriter().scalar(std::numeric_limits<std::int64_t>::min()));
  builder.set("f32", GgufType::kFloat32, ByteWriter().scalar(0.5F));
  builder.set("f64", GgufType::kFloat64, ByteWriter().scalar(-0.25));
  builder.set_bool("yes", true).set_string("text", std::string("a\0b", 3));
  const auto bytes = builder.build();
  const auto gguf = parse(bytes);
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(gguf->get_int("u8").value(), 200);
  EXPECT_EQ(gguf->get_int("i8").value(), -100);
  EXPECT_EQ(gguf->get_int("u16").value(), 60000);
  EXPECT_EQ(gguf->get_int("i16").value(), -30000);
  EXPECT_EQ(gguf->get_int("u32").value(), 4000000000);
  EXPECT_EQ(gguf->get_int("i32").value(), -2000000000);
  EXPECT_EQ(gguf->get_int("i64").value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(gguf->get_int("u64").error().code, ErrorCode::kDamaged) << "does not fit";
  EXPECT_EQ(gguf->get_float("f32").value(), 0.5);
  EXPECT_EQ(gguf->get_float("f64").value(), -0.25);
  EXPECT_TRUE(gguf->get_bool("yes").value());
  EXPECT_EQ(gguf->get_string("text").value(), std::string_view("a\0b", 3));
}

TEST(Gguf, ReadsArrays) {
  GgufBuilder builder;
  builder.set_strings("texts", {"one", "", "three"});
  builder.set_array<float>("floats", GgufType::kFloat32, {1.5F, -2.0F});
  builder.set_array<std::int16_t>("ints", GgufType::kInt16, {-1, 7});
  builder.set_array<std::uint64_t>("large", GgufType::kUint64,
                                   {1, std::numeric_limits<std::uint64_t>::max()});
  builder.set_array<std::int32_t>("none", GgufType::kInt32, {});
  builder.set_array<std::uint8_t>("flags", GgufType::kBool, {0, 1});
  const auto bytes = builder.build();
  const auto gguf = parse(bytes);
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ(gguf->get_strings("texts").value(), (std::vector<std::string_view>{"one", "", "three"}));
  EXPECT_EQ(gguf->get_floats("floats").value(), (std::vector<float>{1.5F, -2.0F}));
  EXPECT_EQ(gguf->get_ints("ints").value(), (std::vector<std::int64_t>{-1, 7}));
  EXPECT_EQ(gguf->get_ints("large").error().code, ErrorCode::kDamaged);
  EXPECT_TRUE(gguf->get_ints("none").value().empty());
  EXPECT_EQ(gguf->get_ints("flags").error().code, ErrorCode::kDamaged);
  EXPECT_EQ(gguf->get_ints("texts").error().code, ErrorCode::kDamaged);
}

TEST(Gguf, LookUpsTellAbsentFromWronglyTyped) {
  const auto bytes = small_file().set_string("text", "hello").build();
  const auto gguf = parse(bytes);
  ASSERT_TRUE(gguf.ok());
  EXPECT_EQ(gguf->get_int("absent").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gguf->get_strings("absent").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gguf->get_int("text").error().code, ErrorCode::kDamaged);
  EXPECT_EQ(gguf->get_float("answer").error().code, ErrorCode::kDamaged);
  EXPECT_EQ(gguf->get_bool("answer").error().code, ErrorCode::kDamaged);
  EXPECT_EQ(gguf->get_string("answer").error().code, ErrorCode::kDamaged);
  EXPECT_EQ(gguf->get_strings("text").error().code, ErrorCode::kDamaged);
  EXPECT_EQ(gguf->get_floats("answer").error().code, ErrorCode::kDamaged);
}

TEST(Gguf, RefusesOtherFilesAndVersions) {
  const ByteWriter zip = ByteWriter().scalar<std::uint32_t>(0x04034B50).pad_to(64);
  expect_error(zip.bytes(), ErrorCode::kDamaged, "not a GGUF file");
  expect_error(ByteWriter().scalar<std::uint32_t>(0x47475546).bytes(), ErrorCode::kUnsupported, "big-endian");
  for (const std::uint32_t version : {0U, 1U, 4U, 0x12345678U}) {
    GgufBuilder builder = small_file();
    builder.version = version;
    expect_error(builder.build(), ErrorCode::kUnsupported, "GGUF version");
  }
  GgufBuilder builder = small_file();
  builder.version = 0x03000000;
  expect_error(builder.build(), ErrorCode::kUnsupported, "big-endian");
}

TEST(Gguf, RefusesCountsThatTheFileCannotHold) {
  for (const std::int64_t excess : {std::int64_t{1000}, std::int64_t{1} << 40, std::int64_t{-3}}) {
    GgufBuilder builder = small_file();
    builder.tensor_count_error = excess;
    expect_damaged(builder, "tensor count");
    builder = small_file();
    builder.metadata_count_error = excess;
    expect_damaged(builder, "metadata count");
  }
  expect_damaged(small_file().set("list", GgufType::kArray,
                                  GgufBuilder::array_header(GgufType::kUint64, std::uint64_t{1} << 61)),
                 "array count");
  expect_damaged(small_file().set("list", GgufType::kArray,
                                  GgufBuilder::array_header(GgufType::kString, std::uint64_t{1} << 62)),
                 "array count");
}

TEST(Gguf, RefusesDamagedMetadata) {
  expect_damaged(small_file().set("text", GgufType::kString, ByteWriter().scalar(~std::uint64_t{0})),
                 "metadata 1 'text': string length");
  expect_damaged(small_file().set_raw("what", 13, ByteWriter().scalar(0)), "value type 13 is unknown");
  expect_damaged(small_file().set_raw("what", 0xFFFFFFFF, ByteWriter().scalar(0)), "is unknown");
  expect_damaged(small_file().set("flag", GgufType::kBool, ByteWriter().scalar<std::uint8_t>(2)), "boolean");
  expect_damaged(small_file().set_array<std::uint8_t>("flags", GgufType::kBool, {1, 0, 3}), "boolean");
  expect_damaged(small_file().set_uint("", 1), "the key is empty");
  expect_damaged(small_file().set_uint(std::string(70000, 'k'), 1), "exceeds the limit of 65535");
  expect_damaged(small_file().set("list", GgufType::kArray,
                                  GgufBuilder::array_header(static_cast<GgufType>(99), 1).scalar(0)),
                 "array element type 99");
  expect_error(small_file()
                   .set("list", GgufType::kArray, GgufBuilder::array_header(GgufType::kArray, 1).pad_to(64))
                   .build(),
               ErrorCode::kUnsupported, "arrays of arrays");

  GgufBuilder twice = small_file();
  twice.metadata.push_back(twice.metadata.front());
  expect_damaged(twice, "metadata 1 'answer': the key appears twice");
}

TEST(Gguf, RefusesABadAlignment) {
  for (const std::uint32_t alignment : {0U, 1U, 4U, 24U, 1U << 20}) {
    expect_damaged(small_file().set_uint("general.alignment", alignment), "alignment");
  }
  expect_damaged(small_file().set_string("general.alignment", "32"), "alignment");

  GgufBuilder wide = small_file();
  wide.alignment = 128;
  const auto bytes = wide.set_uint("general.alignment", 128).build();
  const auto gguf = parse(bytes);
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_EQ((gguf->find_tensor("second")->data.data() - bytes.data()) % 128, 0);
}

TEST(Gguf, RefusesDamagedTensors) {
  const auto broken = [](const std::function<void(GgufBuilder::Tensor&)>& damage) {
    GgufBuilder builder = small_file();
    damage(builder.tensors[1]);
    return builder;
  };
  using Tensor = GgufBuilder::Tensor;
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {}; }), "dimension count 0");
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {1, 1, 1, 1, 1}; }), "dimension count 5");
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {3, 0}; }), "dimension 1 is zero");
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {1ULL << 32, 1ULL << 32}; }), "overflows");
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {1ULL << 62, 2}; }), "overflows");
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {1ULL << 40}; }), "exceeds the file");
  expect_damaged(broken([](Tensor& tensor) { tensor.shape = {4}; }),
                 "tensor 1 'second': data offset 32 + 16 bytes");
  expect_damaged(broken([](Tensor& tensor) { tensor.type = 8; }), "not whole blocks of 32 (Q8_0)");
  expect_damaged(broken([](Tensor& tensor) { tensor.name = ""; }), "the name is empty");
  expect_damaged(broken([](Tensor& tensor) { tensor.name = "first"; }), "the name appears twice");
  expect_damaged(broken([](Tensor& tensor) { tensor.name = std::string(65, 'n'); }),
                 "exceeds the limit of 64");
  expect_damaged(broken([](Tensor& tensor) { tensor.offset_error = 4; }), "not a multiple of 32");
  expect_damaged(broken([](Tensor& tensor) { tensor.offset_error = 32; }), "exceeds the file");
  expect_damaged(broken([](Tensor& tensor) { tensor.offset_error = -64; }), "exceeds the file");
  expect_damaged(broken([](Tensor& tensor) { tensor.offset_error = -32; }), "overlaps");
}

TEST(Gguf, KeepsTensorsOfUnknownTypesWithoutData) {
  GgufBuilder builder = small_file();
  builder.tensors[0].type = 200;
  const auto bytes = builder.build();
  const auto gguf = parse(bytes);
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  EXPECT_TRUE(gguf->tensors()[0].data.empty());
  EXPECT_EQ(gguf->tensors()[1].data.size(), 12U);
}

TEST(Gguf, ErrorsShowHostileNamesSafely) {
  const auto bytes = small_file().set_raw("\x1B[2J\xFF" + std::string(200, 'x'), 77, ByteWriter()).build();
  const auto gguf = parse(bytes);
  ASSERT_FALSE(gguf.ok());
  EXPECT_NE(gguf.error().message.find("'\\x1B[2J\\xFF"), std::string::npos) << gguf.error().message;
  EXPECT_LT(gguf.error().message.size(), 300U);
}

TEST(Gguf, EveryTruncationOfASmallFileIsAnError) {
  const auto bytes = small_file().set_strings("texts", {"a", "bc"}).build();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    // A copy of its own, so that a sanitizer sees a read past the end.
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(parse(cut).ok()) << length;
  }
  EXPECT_TRUE(parse(bytes).ok());
}

TEST(Gguf, NamesTensorTypes) {
  EXPECT_EQ(tensor_type_name(0), "F32");
  EXPECT_EQ(tensor_type_name(2), "Q4_0");
  EXPECT_EQ(tensor_type_name(30), "BF16");
  EXPECT_EQ(tensor_type_name(4), "type 4");
}

}  // namespace
}  // namespace fovea
