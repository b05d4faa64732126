#include "store/embedded/rans.h"

#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

std::vector<std::uint32_t> count_symbols(const std::vector<std::uint16_t>& symbols, std::size_t alphabet) {
  // Every symbol of a table must be possible, so each is counted once more than it appears.
  std::vector<std::uint32_t> counts(alphabet, 1);
  for (const auto symbol : symbols) ++counts[symbol];
  return counts;
}

/// What the decoder gives for each symbol: here, the symbol.
std::vector<std::uint64_t> identity(std::size_t alphabet) {
  std::vector<std::uint64_t> meanings(alphabet);
  std::iota(meanings.begin(), meanings.end(), 0);
  return meanings;
}

std::vector<std::uint16_t> decode(const std::string& bytes, std::size_t count, const Frequencies& frequencies,
                                  std::size_t run = 64) {
  ByteReader in(bytes);
  RansDecoder decoder(in, count, frequencies, identity(frequencies.of_symbol.size()));
  EXPECT_TRUE(decoder.ok());
  std::vector<std::uint64_t> symbols(count);
  for (std::size_t i = 0; i < count; i += run) decoder.decode({symbols.data() + i, std::min(run, count - i)});
  EXPECT_TRUE(decoder.at_end());
  EXPECT_TRUE(in.empty());
  return {symbols.begin(), symbols.end()};
}

TEST(Rans, GivesBackAnySymbolsOfAnyTable) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (const std::size_t count : {0, 1, 2, 7, 8, 9, 1023, 1024, 1025, 4096, 5000}) {
    for (const std::size_t alphabet : {2, 3, 17, 256, 1024}) {
      std::vector<std::uint16_t> symbols(count);
      std::geometric_distribution<unsigned> skewed(0.2);
      for (auto& symbol : symbols) symbol = static_cast<std::uint16_t>(skewed(random) % alphabet);
      const Frequencies frequencies = normalize(count_symbols(symbols, alphabet));
      ASSERT_TRUE(frequencies.valid());
      std::string bytes;
      rans_encode(symbols, frequencies, bytes);
      ASSERT_EQ(decode(bytes, count, frequencies), symbols) << count << " of " << alphabet;
    }
  }
}

TEST(Rans, ComesWithinAPercentOfTheEntropy) {
  std::mt19937_64 random(7);
  std::discrete_distribution<std::uint16_t> draw({900, 60, 30, 10});
  std::vector<std::uint16_t> symbols(100'000);
  for (auto& symbol : symbols) symbol = draw(random);
  const auto counts = count_symbols(symbols, 4);
  std::string bytes;
  rans_encode(symbols, normalize(counts), bytes);
  double bits = 0;
  for (const auto count : counts) bits += count * std::log2(static_cast<double>(symbols.size()) / count);
  EXPECT_LT(static_cast<double>(bytes.size()) * 8, bits * 1.01);
}

TEST(Rans, GivesBackSymbolsThatTakeHardlyAnyWords) {
  // The few words are soon but the last: those are read from another place than the rest.
  std::mt19937_64 random(9);
  for (const std::size_t rare : {1, 2, 3, 10, 50, 300, 5000}) {
    std::vector<std::uint16_t> symbols(5003);
    for (std::size_t i = 0; i < rare; ++i) symbols[random() % symbols.size()] = 1;
    const Frequencies frequencies = normalize(count_symbols(symbols, 2));
    std::string bytes;
    rans_encode(symbols, frequencies, bytes);
    for (const std::size_t run : {8, 512, 5008}) {
      ASSERT_EQ(decode(bytes, symbols.size(), frequencies, run), symbols) << rare << " " << run;
    }
  }
}

TEST(Rans, NormalizesWhatIsRareToOneAndTheRestToTheWhole) {
  std::vector<std::uint32_t> counts(1000, 1);
  counts[500] = 1'000'000'000;
  const Frequencies frequencies = normalize(counts);
  EXPECT_TRUE(frequencies.valid());
  EXPECT_EQ(frequencies.of_symbol[0], 1);
  EXPECT_EQ(frequencies.of_symbol[500], (1u << frequencies.bits) - 999);
  EXPECT_TRUE(normalize(std::vector<std::uint32_t>(1024, 3)).valid());
  EXPECT_TRUE(normalize(std::vector<std::uint32_t>{1, 1}).valid());
}

TEST(Rans, TellsTablesThatAreNone) {
  EXPECT_FALSE((Frequencies{4, {16}}).valid());
  EXPECT_FALSE((Frequencies{4, {16, 0}}).valid());
  EXPECT_FALSE((Frequencies{4, {8, 7}}).valid());
  EXPECT_FALSE((Frequencies{13, {4096, 4096}}).valid());
  EXPECT_FALSE((Frequencies{0, {}}).valid());
  EXPECT_TRUE((Frequencies{4, {8, 8}}).valid());
}

TEST(Rans, NoticesBytesThatAreMissingOrTooMany) {
  std::mt19937_64 random(8);
  std::vector<std::uint16_t> symbols(2000);
  for (auto& symbol : symbols) symbol = static_cast<std::uint16_t>(random() % 16);
  const Frequencies frequencies = normalize(count_symbols(symbols, 16));
  std::string bytes;
  rans_encode(symbols, frequencies, bytes);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{20}, bytes.size() - 1}) {
    ByteReader in(std::string_view(bytes).substr(0, cut));
    EXPECT_FALSE(RansDecoder(in, symbols.size(), frequencies, identity(16)).ok()) << cut;
  }
  for (const std::size_t count : {symbols.size() - 8, symbols.size() + 8}) {
    ByteReader in(bytes);
    RansDecoder decoder(in, count, frequencies, identity(16));
    std::vector<std::uint64_t> decoded(count);
    decoder.decode(decoded);
    EXPECT_FALSE(decoder.at_end()) << count;
  }
}

}  // namespace
}  // namespace iot::store
