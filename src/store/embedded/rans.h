// Entropy coding of small symbols with a fixed table of frequencies: range asymmetric numeral systems (J. Duda,
// "Asymmetric numeral systems", arXiv:1311.2540, section 3), 32-bit states that are kept above 2^16 by 16-bit words.
//
// A symbol of frequency f of 2^bits costs bits - log2(f) bits, fractions included; Huffman codes would need at least
// one. Several states take turns, so that the processor works on independent symbols at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace iot::store {

inline constexpr unsigned frequency_bits_max = 12;
inline constexpr std::size_t symbols_max = 1024;

/// How often each symbol is expected: each at least once, together 2^bits; two symbols or more.
struct Frequencies {
  unsigned bits = 0;
  std::vector<std::uint16_t> of_symbol;

  bool valid() const noexcept;
};

/// Frequencies near `counts` (each at least 1), with a precision that suits their sum.
Frequencies normalize(std::span<const std::uint32_t> counts);

/// How finely frequencies are kept for `count` symbols out of `alphabet` different ones.
unsigned frequency_bits_for(std::size_t count, std::size_t alphabet) noexcept;

/// Appends the coded symbols; each must be one of the table.
void rans_encode(std::span<const std::uint16_t> symbols, const Frequencies& frequencies, std::string& out);

/// Bytes that rans_encode adds however few symbols there are.
std::size_t rans_overhead_bytes(std::size_t count) noexcept;

/// Decodes symbols in runs. Neither copied nor moved: it points into itself.
class RansDecoder {
 public:
  /// Takes its bytes from `in`, for `count` symbols; `frequencies` must be valid. ok() is false if they are not there.
  /// `meanings` has what decode() is to give for each symbol. The bytes that `in` reads must outlive the decoder.
  RansDecoder(ByteReader& in, std::size_t count, const Frequencies& frequencies,
              std::span<const std::uint64_t> meanings);
  RansDecoder(const RansDecoder&) = delete;
  RansDecoder& operator=(const RansDecoder&) = delete;

  bool ok() const noexcept { return ok_; }

  /// The meanings of the next symbols; all runs but the last must be multiples of `run_unit` long. Damaged bytes give
  /// symbols of the table, but wrong ones.
  void decode(std::span<std::uint64_t> meanings) noexcept;

  /// True if all that was encoded, and nothing else, has been decoded.
  bool at_end() const noexcept;

  static constexpr std::size_t run_unit = 8;

 private:
  /// What a turn of all states takes at most.
  static constexpr std::size_t turn_bytes_max = run_unit * 2;

  /// All that a turn looks up, in one place: so that its address takes one register.
  struct Table {
    /// By slot: the frequency in the upper half, what the state goes on from in the lower.
    std::uint32_t steps[std::size_t{1} << frequency_bits_max];
    std::uint16_t symbols[std::size_t{1} << frequency_bits_max];
    std::uint64_t meanings[symbols_max];
  };

  template <std::size_t lanes>
  std::size_t decode_turns(std::span<std::uint64_t> meanings) noexcept;
  template <std::size_t lanes>
  void decode_lanes(std::span<std::uint64_t> meanings) noexcept;
  std::uint64_t decode_one(std::uint32_t& state) noexcept;
  void enter_tail() noexcept;

  std::size_t lanes_;
  unsigned bits_;
  bool ok_ = true;
  bool in_tail_ = false;
  std::uint32_t states_[run_unit] = {};
  const char* words_ = nullptr;
  const char* words_end_ = nullptr;
  /// The last few words, and zeros: so that reading past the end does no harm, and is told afterwards.
  char tail_[2 * turn_bytes_max];
  std::unique_ptr<Table> table_;
};

}  // namespace iot::store
