#include "store/embedded/buckets.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

constexpr unsigned whole = 64;

unsigned height_of(const std::vector<std::uint64_t>& numbers) {
  return static_cast<unsigned>(std::bit_width(*std::max_element(numbers.begin(), numbers.end())));
}

BucketChoice choose(std::vector<std::uint64_t> numbers) {
  const unsigned height = height_of(numbers);
  return choose_buckets(count_numbers(numbers, height), height, Coverage::complete, 0);
}

/// Each number is in the bucket that is found for it, and the counts are right.
void expect_holds(const std::vector<Bucket>& buckets, const std::vector<std::uint64_t>& numbers, bool counted) {
  const BucketFinder finder(buckets, low_bits(height_of(numbers)));
  std::vector<std::uint32_t> counts(buckets.size());
  for (const std::uint64_t number : numbers) {
    const std::size_t found = finder.find(number);
    ASSERT_LT(found, buckets.size());
    ASSERT_GE(number, buckets[found].lower);
    ASSERT_LE(number - buckets[found].lower, low_bits(buckets[found].bits));
    ++counts[found];
  }
  for (std::size_t i = 0; counted && i < buckets.size(); ++i) EXPECT_EQ(buckets[i].count, counts[i]);
}

TEST(Buckets, AreOneForNumbersSpreadEvenly) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 4096; ++i) numbers.push_back(i * 977 % 4096);
  const auto choice = choose(numbers);
  ASSERT_EQ(choice.buckets.size(), 1u);
  EXPECT_EQ(choice.buckets[0].bits, 12);
}

TEST(Buckets, HoldEachOfAFewNumbersThatRepeat) {
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) numbers.push_back(i % 3 == 0 ? 123'456'789'012 : 77);
  const auto choice = choose(numbers);
  ASSERT_EQ(choice.buckets.size(), 2u);
  EXPECT_EQ(choice.buckets[0].bits, 0);
  EXPECT_EQ(choice.buckets[0].lower, 77u);
  EXPECT_EQ(choice.buckets[1].bits, 0);
  EXPECT_LT(choice.bits, 1100);
}

TEST(Buckets, AreNarrowWhereNumbersAreFrequent) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> numbers(10'000);
  for (auto& number : numbers) number = random() % 16 == 0 ? random() >> 24 : (1ULL << 39) + random() % 64;
  const auto choice = choose(numbers);
  EXPECT_GT(choice.buckets.size(), 1u);
  // Six bits for most, and forty for a few: far from forty for all.
  EXPECT_LT(choice.bits / 10'000, 10);
  expect_holds(choice.buckets, numbers, true);
}

TEST(Buckets, AreNeverMoreThanTheLimit) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 3000; ++i) numbers.insert(numbers.end(), 40, i * i * 1'000'003);
  const auto choice = choose(numbers);
  EXPECT_LE(choice.buckets.size(), buckets_max);
  expect_holds(choice.buckets, numbers, true);
}

TEST(Buckets, OfASampleHoldWhatTheSampleDoesNotShow) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const unsigned bits : {1u, 11u, 13u, 40u, 63u, 64u}) {
    std::vector<std::uint64_t> sample(200), numbers(5000);
    for (auto& number : sample) number = low_bits(bits) / 3 + random() % (low_bits(bits) / 50 + 1);
    for (auto& number : numbers) number = random() & low_bits(bits);
    numbers.push_back(low_bits(bits));
    const auto choice = choose_buckets(count_numbers(sample, bits), bits, Coverage::sampled, 0);
    expect_holds(choice.buckets, numbers, false);
  }
}

TEST(Buckets, ComeBackFromTheirTree) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> numbers(1 + random() % 500);
    const unsigned spread = static_cast<unsigned>(random() % 64);
    const std::uint64_t few = 1 + random() % 50;
    for (auto& number : numbers) number = (random() % few) << (random() % (spread + 1));
    const auto choice = choose(numbers);
    std::string bytes;
    BitWriter out(bytes);
    write_bucket_tree(out, choice.buckets, height_of(numbers));
    out.flush();
    BitReader in(bytes);
    std::vector<Bucket> read;
    ASSERT_TRUE(read_bucket_tree(in, height_of(numbers), read));
    ASSERT_EQ(in.bytes_used(), bytes.size());
    ASSERT_EQ(read.size(), choice.buckets.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      ASSERT_EQ(read[i].lower, choice.buckets[i].lower);
      ASSERT_EQ(read[i].bits, choice.buckets[i].bits);
    }
    expect_holds(choice.buckets, numbers, true);
  }
}

TEST(Buckets, RefuseATreeWithoutEnd) {
  std::vector<Bucket> buckets;
  BitReader cut("");
  EXPECT_FALSE(read_bucket_tree(cut, whole, buckets));
  // "Not a bucket, both halves" for ever: 2^64 buckets.
  const std::string endless(100'000, '\x55');
  BitReader in(endless);
  EXPECT_FALSE(read_bucket_tree(in, whole, buckets));
  EXPECT_LE(buckets.size(), buckets_max + 1);
  BitReader high(endless);
  EXPECT_FALSE(read_bucket_tree(high, 65, buckets));
}

}  // namespace
}  // namespace iot::store
