// What aggregations with buckets share: which buckets there are, in which order they are shown, and how readings are
// parted among them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/aggregation.h"

namespace iot::query {

/// Buckets by parent bucket and key, numbered in the order in which they were met, with their counts.
class BucketTable {
 public:
  explicit BucketTable(Execution& execution) : execution_(execution) {}

  Bucket bucket_of(Bucket parent, std::int64_t key);
  /// Nothing if there is none yet.
  std::optional<Bucket> find(Bucket parent, std::int64_t key) const;
  void count(Bucket bucket, std::uint64_t more) noexcept { entries_[bucket].count += more; }

  struct Entry {
    Bucket parent;
    std::int64_t key;
    std::uint64_t count;
  };
  const Entry& operator[](Bucket bucket) const noexcept { return entries_[bucket]; }
  /// The buckets of a parent, by key.
  std::vector<Bucket> of_parent(Bucket parent) const;
  /// Joins the buckets of one parent with those of another, and what `below` has of them.
  void merge_parent(Bucket from, Bucket into, Collectors& below);
  /// Gives a parent's buckets other keys, in the same order, and joins those whose keys become the same.
  void change_keys(Bucket parent, const std::function<std::int64_t(std::int64_t)>& new_key, Collectors& below);

 private:
  struct Name {
    Bucket parent;
    std::int64_t key;
    bool operator==(const Name&) const = default;
  };
  struct NameHash {
    std::size_t operator()(const Name& name) const noexcept {
      const std::uint64_t mixed =
          (static_cast<std::uint64_t>(name.key) + 0x9E3779B97F4A7C15u * (name.parent + 1ull)) * 0xBF58476D1CE4E5B9u;
      return static_cast<std::size_t>(mixed ^ mixed >> 32);
    }
  };

  Execution& execution_;
  std::unordered_map<Name, Bucket, NameHash> buckets_;
  static constexpr Bucket no_bucket = 0xFFFF'FFFF;

  std::vector<Entry> entries_;
  std::vector<Bucket> older_;   ///< for each bucket, the one before it of the same parent
  std::vector<Bucket> newest_;  ///< for each parent
  Name last_name_{};
  Bucket last_bucket_ = 0;
};

/// Parts the readings of one selection by bucket, keeping their order.
class Partition {
 public:
  void clear() noexcept { pairs_.clear(); }
  void put(Bucket bucket, std::size_t place) { pairs_.push_back(static_cast<std::uint64_t>(bucket) << 32 | place); }
  void for_each(const std::function<void(Bucket, Selection)>& visit);

 private:
  std::vector<std::uint64_t> pairs_;
  std::vector<std::uint32_t> list_;
};

/// {"_count": "desc"}, {"_key": "asc"}, {"stats.max": "desc"}, or a list of these.
class BucketOrder {
 public:
  /// Ties are broken by key.
  static BucketOrder by_key();
  static BucketOrder by_count_descending();
  static EsResult<BucketOrder> parse(std::string_view type, const JsonMember& member);

  bool is_key_ascending() const noexcept { return is_only(Part::By::key, true); }
  bool is_key_descending() const noexcept { return is_only(Part::By::key, false); }
  bool is_count_ascending() const noexcept { return is_only(Part::By::count, true); }

  /// Every path must be a number of a collector in `below`.
  EsResult<void> check(const Collectors& below) const;

  /// Sorts buckets that come in ascending order of key.
  void sort(std::vector<Bucket>& buckets, const BucketTable& table, const Collectors& below) const;

 private:
  static EsResult<BucketOrder> read(std::string_view type, const JsonMember& member);
  struct Part {
    enum class By { key, count, number } by;
    bool ascending;
    std::string name, property;
  };
  bool is_only(Part::By by, bool ascending) const noexcept {
    return parts_.size() == 1 && parts_[0].by == by && parts_[0].ascending == ascending;
  }

  std::vector<Part> parts_;
};

}  // namespace iot::query
