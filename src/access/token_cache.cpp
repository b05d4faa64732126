#include "access/token_cache.h"

#include <algorithm>
#include <bit>
#include <random>

#include "base/bytes.h"

namespace iot::access {
namespace {

/// Enough that two threads seldom meet at one lock.
constexpr std::size_t parts_max = 64;
/// Below this a part would push out entries while others have room.
constexpr std::size_t part_entries_min = 64;

std::size_t part_count(std::size_t entries_max) {
  return std::bit_floor(std::clamp<std::size_t>(entries_max / part_entries_min, 1, parts_max));
}

/// The high and the low half of the 128-bit product, mixed.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

TokenCache::TokenCache(std::size_t entries_max)
    : part_entries_max_(entries_max / part_count(entries_max)), parts_(part_count(entries_max)) {
  std::random_device random;
  for (std::uint64_t& word : secret_) word = (static_cast<std::uint64_t>(random()) << 32 | random()) | 1;
}

TokenCache::~TokenCache() = default;

std::uint64_t TokenCache::hash_of(std::string_view token) const noexcept {
  // The end of the token is the end of its signature, which no two signed tokens share: 32 characters of it (192 bits)
  // name the token, and hashing the rest would cost more than the comparison. The secret keeps the part and the place
  // of a token unknown to those who do not have it.
  char tail[32] = {};
  const std::size_t count = std::min(token.size(), sizeof tail);
  std::memcpy(tail, token.data() + token.size() - count, count);
  const std::uint64_t first =
      fold(load_little<std::uint64_t>(tail) ^ secret_[0], load_little<std::uint64_t>(tail + 8) ^ secret_[1]);
  const std::uint64_t second =
      fold(load_little<std::uint64_t>(tail + 16) ^ secret_[1], load_little<std::uint64_t>(tail + 24) ^ secret_[0]);
  return fold(first ^ secret_[0], second ^ (secret_[1] + token.size()));
}

bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  std::uint64_t difference = 0;
  std::size_t at = 0;
  for (; at + 8 <= left.size(); at += 8) {
    difference |= load_little<std::uint64_t>(left.data() + at) ^ load_little<std::uint64_t>(right.data() + at);
  }
  for (; at < left.size(); ++at) difference |= static_cast<std::uint8_t>(left[at] ^ right[at]);
  return difference == 0;
}

std::optional<Claims> TokenCache::find(std::string_view token) {
  const std::uint64_t hash = hash_of(token);
  Part& part = part_of(hash);
  const std::scoped_lock lock(part.mutex);
  const auto found = part.by_hash.find(hash);
  if (found == part.by_hash.end() || !equal_in_constant_time(found->second->token, token)) return {};
  part.by_use.splice(part.by_use.begin(), part.by_use, found->second);
  return found->second->claims;
}

void TokenCache::insert(std::string_view token, const Claims& claims) {
  if (part_entries_max_ == 0) return;
  const std::uint64_t hash = hash_of(token);
  Part& part = part_of(hash);
  // Made before the lock is taken, and what is pushed out is freed after it is given back.
  std::list<Entry> added;
  added.push_back({hash, std::string(token), claims});
  std::list<Entry> dropped;
  const std::scoped_lock lock(part.mutex);
  if (const auto found = part.by_hash.find(hash); found != part.by_hash.end()) {
    dropped.splice(dropped.begin(), part.by_use, found->second);
    part.by_hash.erase(found);
  } else if (part.by_use.size() >= part_entries_max_) {
    part.by_hash.erase(part.by_use.back().hash);
    dropped.splice(dropped.begin(), part.by_use, std::prev(part.by_use.end()));
  }
  part.by_use.splice(part.by_use.begin(), added);
  part.by_hash[hash] = part.by_use.begin();
}

void TokenCache::erase(std::string_view token) {
  const std::uint64_t hash = hash_of(token);
  Part& part = part_of(hash);
  const std::scoped_lock lock(part.mutex);
  const auto found = part.by_hash.find(hash);
  if (found == part.by_hash.end() || !equal_in_constant_time(found->second->token, token)) return;
  part.by_use.erase(found->second);
  part.by_hash.erase(found);
}

std::size_t TokenCache::size() const {
  std::size_t count = 0;
  for (const Part& part : parts_) {
    const std::scoped_lock lock(part.mutex);
    count += part.by_use.size();
  }
  return count;
}

}  // namespace iot::access
