// One chunk of every encoding, byte by byte: the format must not change without a new number (docs/formats/chunk.md).
#include <bit>
#include <string>

#include <gtest/gtest.h>

#include "store/embedded/chunk.h"

namespace iot::store {
namespace {

using model::MappingType;

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

/// `count` readings of a mapping, a minute apart; `put` adds the value of each.
template <class Put>
Columns readings(MappingType mapping, int count, Put put) {
  Columns columns;
  columns.mapping = mapping;
  for (int i = 0; i < count; ++i) {
    columns.times_ns.push_back(1'700'000'000'000'000'000 + i * 60'000'000'000);
    put(columns, i);
  }
  return columns;
}

/// Reads the pinned bytes, and writes them.
void expect_pinned(const Columns& columns, std::string_view hex) {
  EXPECT_EQ(to_hex(encode_chunk(columns, Effort::dense)), hex);
  Columns decoded;
  ASSERT_TRUE(decode_chunk(from_hex(hex), decoded));
  EXPECT_EQ(decoded.mapping, columns.mapping);
  EXPECT_EQ(decoded.times_ns, columns.times_ns);
  EXPECT_EQ(decoded.integers, columns.integers);
  EXPECT_EQ(decoded.texts, columns.texts);
  ASSERT_EQ(decoded.reals.size(), columns.reals.size());
  for (std::size_t i = 0; i < decoded.reals.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(decoded.reals[i]), std::bit_cast<std::uint64_t>(columns.reals[i]));
  }
}

TEST(ChunkFormat, OfDecimals) {
  expect_pinned(readings(MappingType::double_precision, 4,
                         [](Columns& columns, int i) { columns.reals.push_back(21.5 + (i % 2 == 0 ? 0.0 : 0.25)); }),
                "907bc9530135000763192317048080d0e2c6bfce972f8090d8c69e052400000000008035400000000000c03540000000"
                "0000a05540050080b09dc2df0100020000020204cc2119000102000a");
}

TEST(ChunkFormat, OfDecimalsWithCorrections) {
  expect_pinned(readings(MappingType::double_precision, 4,
                         [](Columns& columns, int i) { columns.reals.push_back(i == 2 ? 0.1 + 0.2 : 0.3); }),
                "e57e5cd6013500acb07c9f1b048080d0e2c6bfce972f8090d8c69e0505333333333333d33f343333333333d33f333333"
                "333333f33f050080b09dc2df0100020000060101060000000000000001020004");
}

TEST(ChunkFormat, OfFloats) {
  expect_pinned(readings(MappingType::single_precision, 3,
                         [](Columns& columns, int i) {
                           columns.reals.push_back(static_cast<double>(3.14f + static_cast<float>(i)));
                         }),
                "066218f2013501a59f66741c038080d0e2c6bfce972f80e0ba84bf032400000060b81e0940000000405c8f1440000000"
                "580ad72840050080b09dc2df01000200000307068281f91d020082ade204010000");
}

TEST(ChunkFormat, OfBitsOfDoubles) {
  expect_pinned(readings(MappingType::double_precision, 3,
                         [](Columns& columns, int i) { columns.reals.push_back(-1e300 / (i + 3)); }),
                "8bd26362013500bcb29dd224038080d0e2c6bfce972f80e0ba84bf0324d09c0060fbda1ffeb0f79939fd1c13fe87c266"
                "480db732fe050080b09dc2df01000200000006a1f38480ecbeed9ffc01a4a9b3a6fcf765000a030000");
}

TEST(ChunkFormat, OfBitsOfFloats) {
  expect_pinned(readings(MappingType::single_precision, 3,
                         [](Columns& columns, int i) {
                           columns.reals.push_back(static_cast<double>(-1e30f / static_cast<float>(i + 3)));
                         }),
                "95f3672c013501627840c31e038080d0e2c6bfce972f80e0ba84bf0324000000803bd410c600000000e13104c6000000"
                "502cc623c6050080b09dc2df01000200000106b987b5880e020092def201cf96510000");
}

TEST(ChunkFormat, OfIntegersInBuckets) {
  expect_pinned(readings(MappingType::long_integer, 200,
                         [](Columns& columns, int i) {
                           columns.integers.push_back(i * i % 7 == 0 ? 1'000'000'000'000 + i : i * i % 5);
                         }),
                "226d7219013502d53d8fdc8201c8018080d0e2c6bfce972f80d0d5fbbfdb0280c0a8ca9a3a020088c3a8ca9a3a01e4f1"
                "96eb82980d050080b09dc2df010002000000000028716ddbb66ddbb66ddbb66ddbb66d5bb3fdfbb67fdfb7efdbf76ddf"
                "368883c3ac0011e6f581383eaec80aa275a09e70245dfb90de9f77025c7a78d2f837ed0b182fc0c7fcc3886513007b50"
                "07ab28478fac4a630ca73f6db44da5b2ad8a75dac2f5cefc5ad88c3b594d0b2d6abfae6d7b8d38");
}

TEST(ChunkFormat, OfManyIntegersInBuckets) {
  // More than 1,023 take eight states.
  expect_pinned(readings(MappingType::boolean, 1024,
                         [](Columns& columns, int i) { columns.integers.push_back(i * i % 101 == 5 ? 1 : 0); }),
                "0bd3010f012406f92269d43e80088080d0e2c6bfce972f80d0e2a8b2fa0d000000020128050080b09dc2df0100020000"
                "01000001022c352d52ec45119b93690c0ed1905d00f0102000fc092893fe38eeba3e8e9a04aa072c00b0bc5399d3a58b"
                "b0ee");
}

TEST(ChunkFormat, OfDifferencesOfDifferences) {
  expect_pinned(readings(MappingType::date, 5,
                         [](Columns& columns, int i) { columns.integers.push_back(i * i * 1'000'000 + 7); }),
                "3c27fbeb012b09f804254116058080d0e2c6bfce972f80c0f588fe060e8e90a10f0e8e90a10f01c68ece1c050080b09d"
                "c2df0100020000060ec0843d0002040000");
}

TEST(ChunkFormat, OfFewDifferentTexts) {
  expect_pinned(readings(MappingType::keyword, 9,
                         [](Columns& columns, int i) { columns.texts.push_back(i % 3 == 0 ? "open" : "closed"); }),
                "a71a2630011c07d790a07f28098080d0e2c6bfce972f8080eb91fc0d050080b09dc2df01000200000102050802000200"
                "000a6f70656e636c6f736564000000010300b601");
}

TEST(ChunkFormat, OfDifferentTexts) {
  static constexpr std::string_view texts[] = {"one", "", "three"};
  expect_pinned(readings(MappingType::text, 3, [](Columns& columns, int i) { columns.texts.push_back(texts[i]); }),
                "e6b50854011c08369c28aa1d038080d0e2c6bfce972f80e0ba84bf03050080b09dc2df01000200000002000605100000"
                "086f6e657468726565");
}

TEST(ChunkFormat, OfCompressedTexts) {
  const std::string text(300, 'x');
  const Columns columns = readings(MappingType::text, 1, [&](Columns& column, int) { column.texts.push_back(text); });
  // Which bytes zstd writes is its own affair, so they are only read.
  Columns decoded;
  ASSERT_TRUE(decode_chunk(
      from_hex("7841610e0117085af290e028018080d0e2c6bfce972f000000000000030100d804000000ac021328b52ffd602c004d00"
               "001078780100272ac0020000000000"),
      decoded));
  EXPECT_EQ(decoded.texts, columns.texts);
}

}  // namespace
}  // namespace iot::store
