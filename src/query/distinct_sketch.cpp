#include "query/distinct_sketch.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace iot::query {
namespace {

constexpr std::size_t register_count = std::size_t{1} << DistinctSketch::index_bits;
/// Bits of a hash that are left for the register's value.
constexpr unsigned rank_bits = 64 - DistinctSketch::index_bits;

/// Ertl's sigma and tau: the corrections for registers that saw nothing and for those that are full.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x;
  for (double y = 1, last = -1; sum != last; y += y) {
    x *= x;
    last = sum;
    sum += x * y;
  }
  return sum;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  double last = -1;
  for (double y = 0.5; sum != last; y *= 0.5) {
    x = std::sqrt(x);
    last = sum;
    sum -= (1 - x) * (1 - x) * y;
  }
  return sum / 3;
}

}  // namespace

std::size_t DistinctSketch::memory_bytes() const noexcept {
  return slots_.capacity() * sizeof(std::uint64_t) + registers_.capacity();
}

void DistinctSketch::add(std::uint64_t hash, std::size_t exact_max) {
  if (!is_exact()) return put_in_registers(hash);
  if (hash == 0) {
    has_zero_ = true;
    return;
  }
  // At most three quarters are in use, so that a look-up stays short.
  if (used_ * 4 >= slots_.size() * 3) grow();
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at] != 0) {
    if (slots_[at] == hash) return;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = hash;
  ++used_;
  if (used_ > exact_max) become_registers();
}

void DistinctSketch::grow() {
  constexpr std::size_t slots_min = 8;
  std::vector<std::uint64_t> old(slots_.empty() ? slots_min : slots_.size() * 2);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash == 0) continue;
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = hash;
  }
}

void DistinctSketch::become_registers() {
  registers_.resize(register_count);
  for (const std::uint64_t hash : slots_) {
    if (hash != 0) put_in_registers(hash);
  }
  if (has_zero_) put_in_registers(0);
  std::vector<std::uint64_t>().swap(slots_);
}

void DistinctSketch::put_in_registers(std::uint64_t hash) noexcept {
  std::uint8_t& place = registers_[hash >> rank_bits];
  // The number of leading zeros in the other bits, and one.
  const auto zeros = static_cast<unsigned>(std::countl_zero(hash << index_bits));
  const auto rank = static_cast<std::uint8_t>((zeros < rank_bits ? zeros : rank_bits) + 1);
  if (rank <= place) return;
  place = rank;
  estimate_.reset();
}

std::uint64_t DistinctSketch::count() {
  if (is_exact()) return used_ + (has_zero_ ? 1 : 0);
  if (!estimate_) estimate_ = estimate();
  return *estimate_;
}

std::uint64_t DistinctSketch::estimate() const {
  std::array<std::size_t, rank_bits + 2> with_rank{};
  for (const std::uint8_t rank : registers_) ++with_rank[rank];
  const auto registers = static_cast<double>(register_count);
  double z = registers * tau(1 - static_cast<double>(with_rank[rank_bits + 1]) / registers);
  for (unsigned rank = rank_bits; rank >= 1; --rank) z = 0.5 * (z + static_cast<double>(with_rank[rank]));
  z += registers * sigma(static_cast<double>(with_rank[0]) / registers);
  return static_cast<std::uint64_t>(std::llround(registers * registers / (2 * std::numbers::ln2 * z)));
}

}  // namespace iot::query
