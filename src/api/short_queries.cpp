#include "api/short_queries.h"

namespace iot::api {
namespace {

bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

/// FNV-1a.
struct Hash {
  std::uint64_t value = 14695981039346656037u;
  void add(char letter) noexcept { value = (value ^ static_cast<unsigned char>(letter)) * 1099511628211u; }
};

}  // namespace

std::uint64_t ShortQueries::key_of(std::string_view path, std::string_view body) noexcept {
  Hash hash;
  for (const char letter : path) hash.add(letter);
  hash.add('\n');
  for (const char letter : body) hash.add(is_digit(letter) ? '0' : letter);
  // 0 is an empty slot.
  return hash.value | 1;
}

bool ShortQueries::was_short(std::uint64_t key) const noexcept {
  return short_[(key >> 32) % slots].load(std::memory_order_relaxed) == key;
}

void ShortQueries::note(std::uint64_t key, std::chrono::nanoseconds taken) noexcept {
  std::atomic<std::uint64_t>& slot = short_[(key >> 32) % slots];
  if (taken <= short_max_) {
    slot.store(key, std::memory_order_relaxed);
  } else if (was_short(key)) {
    slot.store(0, std::memory_order_relaxed);
  }
}

}  // namespace iot::api
