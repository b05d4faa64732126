#include "log/embedded/record_format.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32c.h"

namespace iot::log {
namespace {

const SegmentHeader header{Position{42}, 0xC0FFEE11u, Timestamp{1'526'717'967'000'000'000}};

void expect_same(const SegmentHeader& left, const SegmentHeader& right) {
  EXPECT_EQ(left.first, right.first);
  EXPECT_EQ(left.salt, right.salt);
  EXPECT_EQ(left.created, right.created);
}

TEST(SegmentHeader, ComesBack) {
  const auto bytes = encode_segment_header(header);
  ASSERT_EQ(bytes.size(), segment_header_bytes);
  const auto back = decode_segment_header(bytes, HeaderCopies::first_alone);
  ASSERT_TRUE(back);
  expect_same(*back, header);
}

TEST(SegmentHeader, TakesTheBytesOfTheWorkedExample) {
  std::string expected = "iotlog\r\n";
  put_fixed(expected, std::uint32_t{1});
  put_fixed(expected, std::uint32_t{0xC0FFEE11});
  put_fixed(expected, std::uint64_t{42});
  put_fixed(expected, std::int64_t{1'526'717'967'000'000'000});
  put_fixed(expected, crc32c(expected));
  EXPECT_EQ(encode_segment_header(header).substr(0, expected.size()), expected);
}

TEST(SegmentHeader, EachFlippedBitIsFoundAndTheSecondCopyHelps) {
  const auto bytes = encode_segment_header(header);
  for (std::size_t bit = 0; bit < 36 * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto refused = decode_segment_header(flipped, HeaderCopies::first_alone);
    ASSERT_FALSE(refused) << bit;
    EXPECT_TRUE(is(refused.error(), Errc::damaged));
    const auto back = decode_segment_header(flipped, HeaderCopies::either);
    ASSERT_TRUE(back) << bit;
    expect_same(*back, header);
  }
}

TEST(SegmentHeader, IsRefusedWhenCutShort) {
  const auto bytes = encode_segment_header(header);
  for (std::size_t size = 0; size < 36; ++size) {
    EXPECT_FALSE(decode_segment_header(std::string_view(bytes).substr(0, size), HeaderCopies::either)) << size;
  }
}

TEST(SegmentHeader, ANewerFormatIsNamed) {
  std::string bytes = encode_segment_header(header).substr(0, 32);
  store_little(bytes.data() + 8, std::uint32_t{2});
  put_fixed(bytes, crc32c(bytes));
  const auto refused = decode_segment_header(bytes, HeaderCopies::either);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::newer_format));
}

std::string group_of(std::initializer_list<std::string_view> payloads) {
  std::string records;
  for (const auto payload : payloads) {
    const std::size_t start = records.size();
    records.resize(start + record_header_bytes);
    records += payload;
    begin_record(records.data() + start, static_cast<std::uint32_t>(payload.size()));
  }
  return records;
}

TEST(RecordHeader, TakesTheBytesOfTheWorkedExample) {
  model::ReadingBatch batch;
  batch.device = DeviceId{3};
  batch.add_real(SensorId{4}, model::MappingType::double_precision, Timestamp{1'526'717'967'000'000'000}, 91827364.0);
  std::string payload;
  batch.encode(payload);
  std::string records = group_of({payload});
  finish_group(records, Position{42}, header.salt);
  const std::string expected("\xE9\xFE\x10\xC4\x8F\x1F\xD2\xD1\x16\0\0\0\0\0\0\0\x2A\0\0\0\0\0\0\0",
                             record_header_bytes);
  EXPECT_EQ(records, expected + payload);
}

TEST(RecordHeader, AGroupGetsItsPositions) {
  std::string records = group_of({"first", "second"});
  finish_group(records, Position{7}, header.salt);
  const auto first = decode_record_header(records.data(), header.salt);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->position, Position{7});
  EXPECT_EQ(first->index_in_group, 0u);
  EXPECT_EQ(first->length, 5u);
  EXPECT_TRUE(payload_is_whole(*first, "first", header.salt));
  EXPECT_FALSE(payload_is_whole(*first, "fIrst", header.salt));
  const auto second = decode_record_header(records.data() + record_header_bytes + 5, header.salt);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->position, Position{8});
  EXPECT_EQ(second->group(), Position{7});
  EXPECT_TRUE(payload_is_whole(*second, "second", header.salt));
}

TEST(RecordHeader, EachFlippedBitIsFound) {
  std::string records = group_of({"payload"});
  finish_group(records, Position{7}, header.salt);
  for (std::size_t bit = 0; bit < record_header_bytes * 8; ++bit) {
    std::string flipped = records;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_record_header(flipped.data(), header.salt)) << bit;
  }
}

TEST(RecordHeader, ARecordOfAnotherSegmentIsNoneOfThisOne) {
  std::string records = group_of({"payload"});
  finish_group(records, Position{7}, header.salt);
  EXPECT_FALSE(decode_record_header(records.data(), header.salt + 1));
}

TEST(RecordHeader, ZerosAreNoRecordWhateverTheSalt) {
  const std::string zeros(record_header_bytes, '\0');
  for (std::uint32_t salt = 0; salt < 1'000; ++salt) EXPECT_FALSE(decode_record_header(zeros.data(), salt));
}

TEST(RecordHeader, AGapNamesTheLastLostPosition) {
  std::string bytes;
  append_gap(bytes, Position{9}, header.salt);
  const auto gap = decode_record_header(bytes.data(), header.salt);
  ASSERT_TRUE(gap);
  EXPECT_TRUE(gap->is_gap());
  EXPECT_EQ(gap->position, Position{9});
  EXPECT_EQ(bytes.size(), record_header_bytes);
}

}  // namespace
}  // namespace iot::log
