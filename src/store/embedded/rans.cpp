#include "store/embedded/rans.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
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

RansDecoder::RansDecoder(ByteReader& in, std::size_t count, const Frequencies& frequencies,
                         std::span<const std::uint64_t> meanings)
    : lanes_(lanes_for(count)), bits_(frequencies.bits), table_(std::make_unique_for_overwrite<Table>()) {
  assert(frequencies.valid() && meanings.size() == frequencies.of_symbol.size());
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

  std::copy(meanings.begin(), meanings.end(), table_->meanings);
  std::size_t slot = 0;
  for (std::size_t symbol = 0; symbol < frequencies.of_symbol.size(); ++symbol) {
    const std::uint32_t frequency = frequencies.of_symbol[symbol];
    std::fill_n(table_->symbols + slot, frequency, static_cast<std::uint16_t>(symbol));
    for (std::uint32_t i = 0; i < frequency; ++i) table_->steps[slot + i] = frequency << 16 | i;
    slot += frequency;
  }
}

void RansDecoder::enter_tail() noexcept {
  const auto left = static_cast<std::size_t>(words_end_ - words_);
  if (left > 0) std::memcpy(tail_, words_, left);
  std::memset(tail_ + left, 0, sizeof tail_ - left);
  words_ = tail_;
  words_end_ = tail_ + left;
  in_tail_ = true;
}

/// One symbol by each of `lanes` states, as often as there is room for it and as words for all may be read. Whether a
/// state takes a word is anyone's guess, and a wrong guess costs more than the symbol: so there is no branch, and the
/// arithmetic is such that compilers do not make one of it.
template <std::size_t lanes>
std::size_t RansDecoder::decode_turns(std::span<std::uint64_t> meanings) noexcept {
  // What the compiler knows, it need not keep in a register.
  const unsigned bits = lanes > 1 ? frequency_bits_max : bits_;
  const std::uint32_t mask = (1u << bits) - 1;
  std::uint32_t states[lanes];
  std::copy_n(states_, lanes, states);
  const Table& table = *table_;
  std::uint64_t* out = meanings.data();
  std::uint64_t* const out_end = out + meanings.size() / lanes * lanes;
  const char* words = words_;
  const char* const last_start = in_tail_ ? words_end_ : words_end_ - lanes * 2;
  for (; out != out_end && words <= last_start; out += lanes) {
#pragma GCC unroll 8
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::uint32_t slot = states[lane] & mask;
      const std::uint32_t step = table.steps[slot];
      out[lane] = table.meanings[table.symbols[slot]];
      const std::uint32_t state = (step >> 16) * (states[lane] >> bits) + (step & 0xFFFF);
      const auto low = static_cast<std::uint32_t>((std::uint64_t{state} - state_min) >> 63);
      states[lane] = state << (low * 16) | (load_little<std::uint16_t>(words) & (0 - low));
      words += low * 2;
    }
  }
  words_ = words;
  std::copy_n(states, lanes, states_);
  return static_cast<std::size_t>(out - meanings.data());
}

template <std::size_t lanes>
void RansDecoder::decode_lanes(std::span<std::uint64_t> meanings) noexcept {
  while (ok_ && meanings.size() >= lanes) {
    if (!in_tail_ && static_cast<std::size_t>(words_end_ - words_) < lanes * 2) enter_tail();
    meanings = meanings.subspan(decode_turns<lanes>(meanings));
    ok_ = words_ <= words_end_;
  }
  if (!ok_) return std::fill(meanings.begin(), meanings.end(), table_->meanings[0]);
  // Fewer than there are states, so each takes its own turn; only of the last run.
  for (std::size_t lane = 0; lane < meanings.size(); ++lane) meanings[lane] = decode_one(states_[lane]);
}

std::uint64_t RansDecoder::decode_one(std::uint32_t& state) noexcept {
  const std::uint32_t slot = state & ((1u << bits_) - 1);
  const std::uint32_t step = table_->steps[slot];
  state = (step >> 16) * (state >> bits_) + (step & 0xFFFF);
  if (state < state_min) {
    ok_ = ok_ && words_ != words_end_;
    state <<= 16;
    if (ok_) state |= load_little<std::uint16_t>(words_);
    words_ += ok_ ? 2 : 0;
  }
  return table_->meanings[table_->symbols[slot]];
}

void RansDecoder::decode(std::span<std::uint64_t> meanings) noexcept {
  lanes_ == 1 ? decode_lanes<1>(meanings) : decode_lanes<run_unit>(meanings);
}

bool RansDecoder::at_end() const noexcept {
  return ok_ && words_ == words_end_ &&
         std::all_of(states_, states_ + lanes_, [](std::uint32_t state) { return state == state_min; });
}

}  // namespace iot::store
