#include "store/embedded/rans.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <memory>
#include <numeric>

namespace iot::store {
namespace {

constexpr std::uint32_t state_min = 1u << 16;

/// One state costs least, eight decode fastest: few symbols are not worth the bytes of seven more states.
constexpr std::size_t many_symbols = 1024;

std::size_t lanes_for(std::size_t count) noexcept {
  return count < many_symbols ? 1 : RansDecoder::run_unit;
}

}  // namespace

bool Frequencies::valid() const noexcept {
  if (bits > frequency_bits_max || of_symbol.size() < 2 || of_symbol.size() > std::size_t{1} << bits) return false;
  if (std::find(of_symbol.begin(), of_symbol.end(), 0) != of_symbol.end()) return false;
  return std::accumulate(of_symbol.begin(), of_symbol.end(), std::size_t{0}) == std::size_t{1} << bits;
}

unsigned frequency_bits_for(std::size_t count, std::size_t alphabet) noexcept {
  // With many symbols the precision is a constant that the compiler knows.
  if (lanes_for(count) > 1) return frequency_bits_max;
  const auto wanted = static_cast<unsigned>(std::bit_width(count));
  const auto needed = static_cast<unsigned>(std::bit_width(alphabet)) + 1;
  return std::min(frequency_bits_max, std::max({wanted, needed, 5u}));
}

Frequencies normalize(std::span<const std::uint32_t> counts) {
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  assert(counts.size() >= 2 && counts.size() <= std::size_t{1} << frequency_bits_max);
  Frequencies table{frequency_bits_for(total, counts.size()), {}};
  table.of_symbol.resize(counts.size());
  const std::uint64_t slots = std::uint64_t{1} << table.bits;
  std::int64_t left = static_cast<std::int64_t>(slots);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint64_t share = (counts[i] * slots + total / 2) / total;
    table.of_symbol[i] = static_cast<std::uint16_t>(std::clamp<std::uint64_t>(share, 1, slots - 1));
    left -= table.of_symbol[i];
  }
  // What rounding left over or took too much is settled with the largest, where it costs least.
  while (left != 0) {
    const auto largest = std::max_element(table.of_symbol.begin(), table.of_symbol.end());
    const std::int64_t change = left > 0 ? left : std::max(left, -static_cast<std::int64_t>((*largest + 3) / 4));
    *largest = static_cast<std::uint16_t>(*largest + change);
    left -= change;
  }
  assert(table.valid());
  return table;
}

std::size_t rans_overhead_bytes(std::size_t count) noexcept {
  return lanes_for(count) * 4 + 2;
}

void rans_encode(std::span<const std::uint16_t> symbols, const Frequencies& frequencies, std::string& out) {
  assert(frequencies.valid());
  struct Step {
    std::uint32_t frequency;
    std::uint32_t start;
    std::uint64_t state_end;
  };
  std::vector<Step> steps(frequencies.of_symbol.size());
  std::uint32_t start = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::uint32_t frequency = frequencies.of_symbol[i];
    steps[i] = {frequency, start, static_cast<std::uint64_t>(frequency) << (32 - frequencies.bits)};
    start += frequency;
  }

  const std::size_t lanes = lanes_for(symbols.size());
  const unsigned bits = frequencies.bits;
  std::uint32_t states[RansDecoder::run_unit];
  std::fill_n(states, RansDecoder::run_unit, state_min);
  // The last symbol is encoded first, and words are written from the back, so that decoding runs forwards.
  const auto words = std::make_unique_for_overwrite<std::uint16_t[]>(symbols.size() + 1);
  std::uint16_t* const end = words.get() + symbols.size() + 1;
  std::uint16_t* word = end;
  for (std::size_t i = symbols.size(); i-- > 0;) {
    std::uint32_t& state = states[i & (lanes - 1)];
    const Step& step = steps[symbols[i]];
    const bool full = state >= step.state_end;
    word[-1] = static_cast<std::uint16_t>(state);
    word -= full ? 1 : 0;
    const std::uint32_t kept = full ? state >> 16 : state;
    const std::uint32_t quotient = kept / step.frequency;
    state = (quotient << bits) + (kept - quotient * step.frequency) + step.start;
  }

  put_varint(out, static_cast<std::uint64_t>(end - word));
  for (std::size_t lane = 0; lane < lanes; ++lane) put_fixed(out, states[lane]);
  out.append(reinterpret_cast<const char*>(word), static_cast<std::size_t>(end - word) * sizeof *word);
}

RansDecoder::RansDecoder(ByteReader& in, std::size_t count, const Frequencies& frequencies)
    : lanes_(lanes_for(count)), bits_(frequencies.bits) {
  assert(frequencies.valid());
  const std::uint64_t word_count = in.varint();
  for (std::size_t lane = 0; lane < lanes_; ++lane) states_[lane] = in.fixed<std::uint32_t>();
  // A symbol takes one word at most, and with many symbols the precision is fixed: anything else is damage.
  if (word_count > count || (lanes_ > 1 && bits_ != frequency_bits_max)) {
    ok_ = false;
    return;
  }
  const std::string_view words = in.bytes(word_count * 2);
  ok_ = in.ok();
  words_ = words.data();
  words_end_ = words.data() + words.size();

  steps_.resize(std::size_t{1} << bits_);
  symbols_.resize(steps_.size());
  std::size_t slot = 0;
  for (std::size_t symbol = 0; symbol < frequencies.of_symbol.size(); ++symbol) {
    const std::uint32_t frequency = frequencies.of_symbol[symbol];
    for (std::uint32_t i = 0; i < frequency; ++i, ++slot) {
      steps_[slot] = frequency << 16 | i;
      symbols_[slot] = static_cast<std::uint16_t>(symbol);
    }
  }
}

std::uint16_t RansDecoder::step(std::uint32_t& state) const noexcept {
  const std::uint32_t slot = state & ((1u << bits_) - 1);
  const std::uint32_t entry = steps_[slot];
  state = (entry >> 16) * (state >> bits_) + (entry & 0xFFFF);
  return symbols_[slot];
}

std::uint32_t RansDecoder::next_word() noexcept {
  if (words_ == words_end_) {
    ok_ = false;
    return 0;
  }
  const auto word = load_little<std::uint16_t>(words_);
  words_ += 2;
  return word;
}

template <std::size_t lanes>
void RansDecoder::decode_lanes(std::span<std::uint16_t> symbols) noexcept {
  std::uint32_t states[lanes];
  std::copy_n(states_, lanes, states);
  const std::uint32_t* const steps = steps_.data();
  const std::uint16_t* const table = symbols_.data();
  const unsigned bits = lanes > 1 ? frequency_bits_max : bits_;
  const std::uint32_t mask = (1u << bits) - 1;
  const char* words = words_;
  std::size_t i = 0;
  // While every state may take a word, none has to look at the end.
  for (; i + lanes <= symbols.size() && static_cast<std::size_t>(words_end_ - words) > lanes * 2; i += lanes) {
#pragma GCC unroll 8
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::uint32_t slot = states[lane] & mask;
      const std::uint32_t state = (steps[slot] >> 16) * (states[lane] >> bits) + (steps[slot] & 0xFFFF);
      symbols[i + lane] = table[slot];
      const std::uint32_t longer = state << 16 | load_little<std::uint16_t>(words);
      const bool low = state < state_min;
      states[lane] = low ? longer : state;
      words += low ? 2 : 0;
    }
  }
  words_ = words;
  std::copy_n(states, lanes, states_);
  for (; i < symbols.size(); ++i) {
    std::uint32_t& state = states_[i % lanes];
    symbols[i] = step(state);
    if (state < state_min) state = state << 16 | next_word();
  }
}

void RansDecoder::decode(std::span<std::uint16_t> symbols) noexcept {
  lanes_ == 1 ? decode_lanes<1>(symbols) : decode_lanes<run_unit>(symbols);
}

bool RansDecoder::at_end() const noexcept {
  return ok_ && words_ == words_end_ &&
         std::all_of(states_, states_ + lanes_, [](std::uint32_t state) { return state == state_min; });
}

}  // namespace iot::store
