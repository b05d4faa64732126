#include "net/letters.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace iot::net {

namespace {

/// Eight times the same letter.
constexpr std::uint64_t eight(std::uint64_t letter) noexcept {
  return letter * 0x0101010101010101;
}

std::uint64_t load_8(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Fewer than eight letters as one word; which letter goes where does not matter to comparisons.
std::uint64_t load_fewer(const char* at, std::size_t size) noexcept {
  if (size >= 4) {
    std::uint32_t front;
    std::uint32_t back;
    std::memcpy(&front, at, sizeof front);
    std::memcpy(&back, at + size - sizeof back, sizeof back);
    return std::uint64_t{front} << 32 | back;
  }
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) word = word << 8 | static_cast<unsigned char>(at[i]);
  return word;
}

bool same_words(std::uint64_t left, std::uint64_t right) noexcept {
  const std::uint64_t differing = left ^ right;
  if (differing == 0) return true;
  if ((differing & ~eight(0x20)) != 0) return false;
  // Only case bits differ; that counts as the same where, in small, it is a letter from a to z. The sums set the top
  // bit of each byte that is at least 'a', and past 'z'; with the top bits cleared before, nothing is carried on.
  const std::uint64_t small = left | eight(0x20);
  const std::uint64_t low_bits = small & eight(0x7F);
  const std::uint64_t letters = (low_bits + eight(0x80 - 'a')) & ~(low_bits + eight(0x7F - 'z')) & ~small & eight(0x80);
  return ((differing << 2) & ~letters) == 0;
}

#if defined(__SSE2__)

/// All ones where there is a control.
__m128i controls_in_16(const char* at) noexcept {
  const __m128i letters = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i below_blank = _mm_cmpeq_epi8(_mm_min_epu8(letters, _mm_set1_epi8(0x1F)), letters);
  const __m128i tab = _mm_cmpeq_epi8(letters, _mm_set1_epi8('\t'));
  const __m128i del = _mm_cmpeq_epi8(letters, _mm_set1_epi8(0x7F));
  return _mm_or_si128(_mm_andnot_si128(tab, below_blank), del);
}

unsigned mask_of(__m128i bytes) noexcept {
  return static_cast<unsigned>(_mm_movemask_epi8(bytes));
}

#endif

}  // namespace

namespace detail {

bool same_ignoring_case(const char* left, const char* right, std::size_t size) noexcept {
  if (size < 8) return same_words(load_fewer(left, size), load_fewer(right, size));
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    if (!same_words(load_8(left + i), load_8(right + i))) return false;
  }
  // The last eight, some of them again.
  return same_words(load_8(left + size - 8), load_8(right + size - 8));
}

}  // namespace detail

const char* find_control_portably(const char* begin, const char* end) noexcept {
  for (; end - begin >= 8; begin += 8) {
    const std::uint64_t word = load_8(begin);
    const std::uint64_t del_is_zero = word ^ eight(0x7F);
    // A byte's top bit is set where the letter is below a blank or is DEL; a borrow may set it in bytes behind such a
    // one as well, so the eight are then looked at one by one.
    const std::uint64_t suspects =
        (((word - eight(0x20)) & ~word) | ((del_is_zero - eight(0x01)) & ~del_is_zero)) & eight(0x80);
    if (suspects == 0) continue;
    const char* const found = std::find_if(begin, begin + 8, is_control);
    if (found != begin + 8) return found;
  }
  return std::find_if(begin, end, is_control);
}

const char* find_control(const char* begin, const char* end) noexcept {
#if defined(__SSE2__)
  if (end - begin < 16) return find_control_portably(begin, end);
  // Most values end within sixteen letters; a token is hundreds.
  if (const unsigned mask = mask_of(controls_in_16(begin)); mask != 0) return begin + std::countr_zero(mask);
  begin += 16;
  while (end - begin >= 64) {
    const __m128i first_half = _mm_or_si128(controls_in_16(begin), controls_in_16(begin + 16));
    const __m128i second_half = _mm_or_si128(controls_in_16(begin + 32), controls_in_16(begin + 48));
    if (mask_of(_mm_or_si128(first_half, second_half)) != 0) break;
    begin += 64;
  }
  while (end - begin >= 16) {
    if (const unsigned mask = mask_of(controls_in_16(begin)); mask != 0) return begin + std::countr_zero(mask);
    begin += 16;
  }
  // The last sixteen, those before `begin` again.
  const unsigned mask = mask_of(controls_in_16(end - 16));
  return mask != 0 ? end - 16 + std::countr_zero(mask) : end;
#else
  return find_control_portably(begin, end);
#endif
}

}  // namespace iot::net
