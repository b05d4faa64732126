#include "model/reading_batch.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace iot::model {
namespace {

using enum MappingType;

std::string encoded(const ReadingBatch& batch) {
  std::string bytes;
  batch.encode(bytes);
  return bytes;
}

void expect_same(const ReadingBatch& left, const ReadingBatch& right) {
  ASSERT_EQ(left.size(), right.size());
  EXPECT_EQ(left.device, right.device);
  for (std::size_t index = 0; index < left.size(); ++index) {
    SCOPED_TRACE(index);
    ASSERT_EQ(left.sensor(index), right.sensor(index));
    ASSERT_EQ(left.mapping(index), right.mapping(index));
    ASSERT_EQ(left.time(index), right.time(index));
    if (column_kind(left.mapping(index)) == ColumnKind::text) {
      ASSERT_EQ(left.text(index), right.text(index));
    } else {
      ASSERT_EQ(left.word(index), right.word(index));
    }
  }
}

void expect_comes_back(const ReadingBatch& batch) {
  ReadingBatch back;
  back.add_text(SensorId{99}, text, Timestamp{5}, "left over from before");
  const auto decoded = back.decode(encoded(batch));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  expect_same(batch, back);
}

ReadingBatch random_batch(std::mt19937_64& random, std::size_t count) {
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  ReadingBatch batch;
  batch.device.value = static_cast<std::int64_t>(random() >> below(64));
  const bool one_sensor = below(2) == 0;
  const bool one_mapping = below(2) == 0;
  const auto fixed_mapping = static_cast<MappingType>(below(mapping_type_count));
  const unsigned spread = static_cast<unsigned>(below(64));
  for (std::size_t index = 0; index < count; ++index) {
    const SensorId sensor{one_sensor ? 7 : static_cast<std::int64_t>(random() >> spread)};
    const auto mapping = one_mapping ? fixed_mapping : static_cast<MappingType>(below(mapping_type_count));
    const Timestamp time{static_cast<std::int64_t>(random() >> (1 + below(63)))};
    switch (column_kind(mapping)) {
      case ColumnKind::real:
        batch.add_real(sensor, mapping, time, std::bit_cast<double>(random()));
        break;
      case ColumnKind::integer:
        batch.add_integer(sensor, mapping, time, static_cast<std::int64_t>(random()));
        break;
      case ColumnKind::text:
        batch.add_text(sensor, mapping, time, std::string(below(300), 'x'));
        break;
    }
  }
  return batch;
}

TEST(ReadingBatch, OneReadingTakesTheBytesOfTheWorkedExample) {
  ReadingBatch batch;
  batch.device = DeviceId{3};
  batch.add_real(SensorId{4}, double_precision, Timestamp{1'526'717'967'000'000'000}, 91827364.0);
  std::string expected("\x01\x03\x06\x01\x08\x00", 6);
  put_fixed(expected, std::int64_t{1'526'717'967'000'000'000});
  put_fixed(expected, 91827364.0);
  EXPECT_EQ(encoded(batch), expected);
  expect_comes_back(batch);
}

TEST(ReadingBatch, MixedReadingsTakeTheBytesOfTheWorkedExample) {
  ReadingBatch batch;
  batch.device = DeviceId{3};
  batch.add_text(SensorId{9}, keyword, Timestamp{1'000}, "007");
  batch.add_integer(SensorId{8}, boolean, Timestamp{999}, 1);
  batch.add_text(SensorId{8}, text, Timestamp{1'500}, "on");
  std::string expected("\x01\x00\x06\x03", 4);
  expected += std::string("\x12\x01\x00", 3);
  expected += std::string("\x07\x06\x08", 3);
  put_fixed(expected, std::int64_t{1'000});
  expected += std::string("\x01\xEA\x07", 3);
  expected += '\x03';
  put_fixed(expected, std::int64_t{1});
  expected += '\x02';
  expected += "007on";
  EXPECT_EQ(encoded(batch), expected);
  expect_comes_back(batch);
}

TEST(ReadingBatch, ExtremesComeBack) {
  ReadingBatch batch;
  batch.device = DeviceId{std::numeric_limits<std::int64_t>::min()};
  batch.add_integer(SensorId{INT64_MAX}, long_integer, timestamp_max, INT64_MIN);
  batch.add_real(SensorId{INT64_MIN}, double_precision, timestamp_min, -0.0);
  batch.add_real(SensorId{0}, single_precision, timestamp_max, std::numeric_limits<double>::infinity());
  batch.add_text(SensorId{-1}, object, timestamp_max, "");
  expect_comes_back(batch);
}

TEST(ReadingBatch, AnEmptyOneComesBack) {
  expect_comes_back(ReadingBatch{});
}

TEST(ReadingBatch, IsAppendedBehindWhatIsThere) {
  ReadingBatch batch;
  batch.add_real(SensorId{4}, double_precision, Timestamp{1}, 2.0);
  std::string bytes = "before";
  batch.encode(bytes);
  EXPECT_EQ(bytes, "before" + encoded(batch));
}

TEST(ReadingBatch, ClearForgetsEverythingButTheDevice) {
  ReadingBatch batch;
  batch.device = DeviceId{3};
  batch.add_text(SensorId{1}, text, Timestamp{1}, "a");
  batch.clear();
  EXPECT_TRUE(batch.empty());
  batch.add_text(SensorId{1}, text, Timestamp{1}, "b");
  EXPECT_EQ(batch.text(0), "b");
  EXPECT_EQ(batch.device, DeviceId{3});
}

TEST(ReadingBatch, RandomBatchesComeBack) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    expect_comes_back(random_batch(random, random() % 50));
    if (HasFatalFailure()) return;
  }
}

TEST(ReadingBatch, IsRefusedWhenCutAtAnyByte) {
  std::mt19937_64 random(20'180'519);
  for (int round = 0; round < 20; ++round) {
    const std::string bytes = encoded(random_batch(random, 1 + random() % 10));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ReadingBatch back;
      const auto decoded = back.decode(std::string_view(bytes).substr(0, cut));
      ASSERT_FALSE(decoded.has_value()) << cut;
      EXPECT_TRUE(is(decoded.error(), Errc::damaged_batch));
      EXPECT_TRUE(back.empty());
    }
    ReadingBatch back;
    EXPECT_FALSE(back.decode(bytes + '\0'));
  }
}

TEST(ReadingBatch, AFlippedBitNeverBreaksMoreThanTheBatch) {
  std::mt19937_64 random(1'526'717'967);
  for (int round = 0; round < 20; ++round) {
    const std::string bytes = encoded(random_batch(random, 1 + random() % 5));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      ReadingBatch back;
      if (back.decode(flipped)) {
        expect_comes_back(back);
      }
    }
  }
}

TEST(ReadingBatch, RefusesBytesThatSayTooMuch) {
  const std::string header("\x01\x03\x06", 3);
  const auto with = [&](std::string_view rest) { return header + std::string(rest); };
  std::string negative_time = with(std::string_view("\x01\x08\x00", 3));
  put_fixed(negative_time, std::int64_t{-1});
  put_fixed(negative_time, 1.0);
  std::string time_overflow = with(std::string_view("\x02\x08\x00", 3));
  put_fixed(time_overflow, INT64_MAX);
  time_overflow += '\x02';
  put_fixed(time_overflow, 1.0);
  put_fixed(time_overflow, 1.0);
  std::string time_underflow = with(std::string_view("\x02\x08\x00", 3));
  put_fixed(time_underflow, std::int64_t{0});
  time_underflow += '\x01';
  put_fixed(time_underflow, 1.0);
  put_fixed(time_underflow, 1.0);
  std::string unknown_mapping = with(std::string_view("\x01\x08\x0C", 3));
  put_fixed(unknown_mapping, std::int64_t{1});
  put_fixed(unknown_mapping, 1.0);
  std::string huge_count = header;
  put_varint(huge_count, UINT64_MAX);
  huge_count += "xxxxxxxx";
  std::string huge_text = with(std::string_view("\x01\x08\x07", 3));
  put_fixed(huge_text, std::int64_t{1});
  put_varint(huge_text, UINT64_MAX);
  huge_text += "abc";
  const std::string_view unknown_version("\x02\x03\x06\x00", 4);
  const std::string_view unknown_flag("\x01\x07\x06\x00", 4);
  for (const auto& bytes : {negative_time, time_overflow, time_underflow, unknown_mapping, huge_count, huge_text,
                            std::string(unknown_version), std::string(unknown_flag), std::string()}) {
    ReadingBatch back;
    const auto decoded = back.decode(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_TRUE(is(decoded.error(), Errc::damaged_batch));
  }
}

}  // namespace
}  // namespace iot::model
