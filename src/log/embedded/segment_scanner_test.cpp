#include "log/embedded/segment_scanner.h"

#include <gtest/gtest.h>

#include "base/testing/simulated_disk.h"

namespace iot::log {
namespace {

constexpr std::uint32_t salt = 0x5A17;
constexpr Position no_end{UINT64_MAX};

class ScannerTest : public ::testing::Test {
 protected:
  std::unique_ptr<File> file_with(const std::string& bytes) {
    const std::string path = "d/" + std::to_string(count_++);
    auto file = disk_.open(path, OpenMode::create);
    disk_.replace_contents(path, bytes);
    return std::move(*file);
  }

  /// Records of these payload sizes, from position 1 on.
  static std::string records(const std::vector<std::size_t>& sizes) {
    std::string bytes;
    RecordHeader header{{1}, 0, 0, 0};
    for (const std::size_t size : sizes) {
      append_record(bytes, header, std::string(size, 'p'), salt);
      ++header.position.value;
      ++header.index_in_group;
    }
    return bytes;
  }

  static std::vector<std::size_t> sizes_read(const File& file, std::uint64_t end) {
    SegmentScanner scanner(file, salt, 0, {1});
    scanner.set_end(end, no_end);
    std::vector<std::size_t> sizes;
    while (true) {
      const auto scanned = scanner.next_records();
      EXPECT_TRUE(scanned);
      if (scanned->empty()) return sizes;
      for (const auto& one : *scanned) sizes.push_back(one.payload.size());
    }
  }

  iot::testing::SimulatedDisk disk_;
  int count_ = 0;
};

TEST_F(ScannerTest, ReadsRecordsOfAnySizeAcrossItsBuffer) {
  constexpr std::size_t buffer = 256 * 1024;
  const std::vector<std::size_t> sizes{
      1, buffer - 100, 50, buffer - record_header_bytes, buffer, buffer + 1, 3 * buffer, 7, 9};
  const std::string bytes = records(sizes);
  const auto file = file_with(bytes);
  EXPECT_EQ(sizes_read(*file, bytes.size()), sizes);
}

TEST_F(ScannerTest, StopsBeforeARecordThatIsCutShort) {
  const std::string bytes = records({10, 300'000});
  const auto file = file_with(bytes);
  for (const std::size_t end : {bytes.size() - 1, std::size_t{40}, std::size_t{34}}) {
    EXPECT_EQ(sizes_read(*file, end), std::vector<std::size_t>{10});
  }
  EXPECT_TRUE(sizes_read(*file, 33).empty());
  const auto shorter = file_with(bytes.substr(0, 200'000));
  EXPECT_EQ(sizes_read(*shorter, bytes.size()), std::vector<std::size_t>{10});
}

TEST_F(ScannerTest, EndsBeforeThePositionItWasTold) {
  const std::string bytes = records({1, 2, 3, 4});
  const auto file = file_with(bytes);
  SegmentScanner scanner(*file, salt, 0, {1});
  scanner.set_end(bytes.size(), {3});
  EXPECT_EQ(scanner.next_records()->size(), 2u);
  EXPECT_TRUE(scanner.next_records()->empty());
  EXPECT_EQ(scanner.expected(), Position{3});
  scanner.set_end(bytes.size(), {4});
  EXPECT_EQ(scanner.next_records()->size(), 1u);
}

TEST_F(ScannerTest, PassesOverAGap) {
  std::string bytes = records({5});
  append_gap(bytes, {7}, salt);
  append_record(bytes, {{8}, 0, 0, 0}, "eight", salt);
  const auto file = file_with(bytes);
  SegmentScanner scanner(*file, salt, 0, {1});
  scanner.set_end(bytes.size(), no_end);
  const auto scanned = scanner.next_records();
  ASSERT_EQ(scanned->size(), 3u);
  EXPECT_TRUE((*scanned)[1].header.is_gap());
  EXPECT_EQ((*scanned)[2].payload, "eight");
  EXPECT_EQ(scanner.expected(), Position{9});
}

TEST_F(ScannerTest, FindsAHeaderAtAnyOffset) {
  const std::string record = records({20});
  constexpr std::size_t block = 256 * 1024;
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{511}, std::size_t{512}, block - 25,
                               block - 24, block - 23, block - 1, block, 2 * block - 30, 2 * block + 5}) {
    for (const char filler : {'\0', 'x'}) {
      SCOPED_TRACE(at);
      const auto file = file_with(std::string(at, filler) + record + std::string(100, filler));
      const auto found = find_header(*file, salt, 0, {1}, Search::any_record);
      ASSERT_TRUE(found && *found);
      EXPECT_EQ((*found)->offset, at);
      EXPECT_FALSE(*find_header(*file, salt, at + 1, {1}, Search::any_record));
      EXPECT_FALSE(*find_header(*file, salt, 0, {2}, Search::any_record));
      EXPECT_FALSE(*find_header(*file, salt, 0, {1}, Search::later_group));
      EXPECT_TRUE(*find_header(*file, salt, 0, {0}, Search::later_group));
      EXPECT_FALSE(*find_header(*file, salt + 1, 0, {1}, Search::any_record));
    }
  }
}

TEST_F(ScannerTest, FindsTheEndOfData) {
  EXPECT_EQ(*end_of_data(*file_with(""), 0), 0u);
  EXPECT_EQ(*end_of_data(*file_with(std::string(1'000'000, '\0')), 100), 100u);
  std::string bytes(1'000'000, '\0');
  bytes[700'000] = 'x';
  EXPECT_EQ(*end_of_data(*file_with(bytes), 100), 700'001u);
}

}  // namespace
}  // namespace iot::log
