// A map that keeps what was used last within a bound of bytes.
//
// When it is full, a key gets in only the second time it is offered within a while: one walk over more than fits (a
// scan of everything) then leaves what is used again and again where it is.
//
// Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace iot::store {

/// `Value` is cheap to copy: a shared_ptr, null where there is none.
template <class Key, class Value, class Hash = std::hash<Key>>
class BoundedCache {
 public:
  explicit BoundedCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  Value find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return {};
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  /// Takes `value` in or not. `bytes`: what it holds.
  void offer(const Key& key, Value value, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (places_.contains(key) || bytes > bytes_max_) return;
    if (bytes_ + bytes > bytes_max_ && !refused_before(key)) return;
    while (bytes_ + bytes > bytes_max_) drop(std::prev(entries_.end()));
    entries_.push_front({key, std::move(value), bytes});
    places_.emplace(key, entries_.begin());
    bytes_ += bytes;
  }

  void erase(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (const auto found = places_.find(key); found != places_.end()) drop(found->second);
  }

  std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  struct Entry {
    Key key;
    Value value;
    std::size_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void drop(Place place) {
    bytes_ -= place->bytes;
    places_.erase(place->key);
    entries_.erase(place);
  }

  /// True if the key was refused not long ago; else it is now.
  bool refused_before(const Key& key) {
    if (refused_.erase(key) > 0) return true;
    refused_.insert(key);
    refused_order_.push_back(key);
    // As many as there are entries: what comes again later than that would not have stayed for so long either.
    while (refused_order_.size() > places_.size() + 1) {
      refused_.erase(refused_order_.front());
      refused_order_.pop_front();
    }
    return false;
  }

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  ///< what was used last comes first
  std::unordered_map<Key, Place, Hash> places_;
  std::size_t bytes_ = 0;
  std::unordered_set<Key, Hash> refused_;
  std::deque<Key> refused_order_;
};

}  // namespace iot::store
