#include "store/embedded/decode_loops.h"

#include <bit>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/embedded/bits.h"
#include "store/embedded/each_target.h"

namespace iot::store {
namespace {

using Numbers = std::vector<std::uint64_t>;

/// Sizes around those of vectors and runs.
constexpr std::size_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 511, 512};

TEST(DecodeLoops, AreThereForMoreThanOneKindOfProcessor) {
  EXPECT_GE(hwy::SupportedAndGeneratedTargets().size(), 1u);
  on_each_target([] {});
}

TEST(DecodeLoops, FindPlacesOfEveryWidthAtEveryBit) {
  on_each_target([] {
    std::mt19937_64 random(1);
    for (unsigned bits_max = 0; bits_max <= packed_bits_max; ++bits_max) {
      for (const std::size_t size : sizes) {
        const unsigned skipped = random() % 8;
        std::string bytes;
        BitWriter out(bytes);
        out.put(low_bits(skipped), skipped);
        Numbers numbers(size), expected(size);
        std::size_t position = skipped;
        for (std::size_t i = 0; i < size; ++i) {
          // Often the widest, so that words are full.
          const auto bits = static_cast<unsigned>(random() % 2 == 0 ? bits_max : random() % (bits_max + 1));
          const std::uint64_t lower = random() & low_bits(packed_lower_bits);
          const std::uint64_t place = random() & low_bits(bits);
          numbers[i] = pack_bucket(lower, bits);
          expected[i] = lower + place;
          out.put(place, bits);
          position += bits;
        }
        out.flush();
        // On the heap and no longer than asked for, so that a sanitizer sees reading on.
        std::vector<char> readable(bytes.begin(), bytes.end());
        readable.resize(position / 8 + sizeof(std::uint64_t), 0x55);
        ASSERT_EQ(add_places(readable.data(), skipped, bits_max, numbers), position);
        ASSERT_EQ(numbers, expected) << bits_max << " " << size;
      }
    }
  });
}

TEST(DecodeLoops, RestoreAsSumsWrittenOut) {
  on_each_target([] {
    std::mt19937_64 random(2);
    for (unsigned order = 0; order <= 2; ++order) {
      for (const std::uint64_t unit : {std::uint64_t{1}, std::uint64_t{25}, random()}) {
        Sums sums{random(), random()};
        Sums expected_sums = sums;
        const Restoring how{order, random(), unit, random()};
        // Runs go on from each other.
        for (const std::size_t size : sizes) {
          Numbers numbers(size), expected(size);
          for (std::size_t i = 0; i < size; ++i) {
            numbers[i] = random() >> random() % 64;
            const std::uint64_t kept = numbers[i] + how.floor;
            std::uint64_t number = kept;
            if (order == 2) number = expected_sums.step += kept;
            if (order >= 1) number = expected_sums.sum += number;
            expected[i] = how.least + unit * number;
          }
          restore(how, sums, numbers);
          ASSERT_EQ(numbers, expected) << order << " " << size;
          if (order >= 1) {
            ASSERT_EQ(sums.sum, expected_sums.sum);
          }
          if (order == 2) {
            ASSERT_EQ(sums.step, expected_sums.step);
          }
        }
      }
    }
  });
}

TEST(DecodeLoops, ProgressInEqualSteps) {
  on_each_target([] {
    for (const std::size_t size : sizes) {
      Numbers numbers(size);
      const std::uint64_t step = 0x123456789ABCDEF;
      progress(~0ULL, step, numbers);
      for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(numbers[i], ~0ULL + i * step);
    }
  });
}

TEST(DecodeLoops, DivideAsOneNumberAtATime) {
  on_each_target([] {
    std::mt19937_64 random(3);
    for (const double power : {1.0, 10.0, 100.0, 1e5, 1e17, 1e22}) {
      for (const std::size_t size : sizes) {
        std::vector<std::int64_t> integers(size);
        for (auto& integer : integers) {
          integer = static_cast<std::int64_t>(random() >> (13 + random() % 51)) - (std::int64_t{1} << (random() % 51));
        }
        std::vector<double> values(size);
        divide(integers, power, values.data());
        for (std::size_t i = 0; i < size; ++i) {
          const double expected = static_cast<double>(integers[i]) / power;
          ASSERT_EQ(std::bit_cast<std::uint64_t>(values[i]), std::bit_cast<std::uint64_t>(expected)) << integers[i];
        }
      }
    }
  });
}

}  // namespace
}  // namespace iot::store
