// Tokens that were verified, so that RSA is paid once per token. Internal to access/.
//
// Only what our key has signed gets in, so nobody can fill it with what suits him; a token of which only the beginning
// or the end is right is not told apart from any other by the time that it takes.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/claims.h"

namespace iot::access {

/// Thread-safe: parts by hash, each with its own lock and its own order of use.
class TokenCache {
 public:
  /// `entries_max` zero: keeps nothing.
  explicit TokenCache(std::size_t entries_max);
  ~TokenCache();

  std::optional<Claims> find(std::string_view token);
  /// The least recently used of the token's part goes when that is full.
  void insert(std::string_view token, const Claims& claims);
  void erase(std::string_view token);
  std::size_t size() const;

 private:
  struct Entry {
    std::uint64_t hash;
    std::string token;
    Claims claims;
  };
  struct Part {
    mutable std::mutex mutex;
    std::list<Entry> by_use;  ///< the latest first
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_hash;
  };

  std::uint64_t hash_of(std::string_view token) const noexcept;
  Part& part_of(std::uint64_t hash) noexcept { return parts_[hash >> 32 & (parts_.size() - 1)]; }

  std::uint64_t secret_[2];
  std::size_t part_entries_max_;
  std::vector<Part> parts_;
};

/// In a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept;

}  // namespace iot::access
