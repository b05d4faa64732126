// How many different values there are among many, in bounded memory: exact up to a number of them, HyperLogLog beyond
// (P. Flajolet et al., 2007; 64-bit hashes as in HyperLogLog++, S. Heule et al., 2013), read by the estimator of
// O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, which has no bias to correct.
//
// Values come as hashes of 64 bits that must be spread evenly: two values with one hash are one here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace iot::query {

class DistinctSketch {
 public:
  /// Beyond the exact count the standard error is 1.04 / sqrt(2^16) = 0.41 %.
  static constexpr unsigned index_bits = 16;

  /// Counts exactly up to `exact_max`.
  void add(std::uint64_t hash, std::size_t exact_max);
  bool is_exact() const noexcept { return registers_.empty(); }
  std::uint64_t count();
  std::size_t memory_bytes() const noexcept;

 private:
  void grow();
  void become_registers();
  std::uint64_t estimate() const;
  void put_in_registers(std::uint64_t hash) noexcept;

  std::vector<std::uint64_t> slots_;  ///< open addressing; 0 is an empty slot
  std::size_t used_ = 0;
  bool has_zero_ = false;  ///< the hash 0, which has no slot
  std::vector<std::uint8_t> registers_;
  std::optional<std::uint64_t> estimate_;  ///< once asked for: orders of buckets ask again and again
};

}  // namespace iot::query
