// The topic filters of a SUBSCRIBE or UNSUBSCRIBE, read from the packet's bytes one by one: no allocation however many.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "mqtt/protocol.h"

namespace iot::mqtt {

/// When a new subscription gets the retained messages (5.0 section 3.8.3.1).
enum class RetainHandling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

/// The options of one subscription. Before 5.0 there is the QoS alone.
struct SubscriptionOptions {
  Qos qos = Qos::at_most_once;  ///< the highest that the subscriber wants
  bool no_local = false;        ///< not what it published itself
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;

  bool operator==(const SubscriptionOptions&) const = default;
};

/// The options as the byte of SUBSCRIBE, and back from one whose reserved bits are 0 and whose values exist.
std::uint8_t to_byte(const SubscriptionOptions& options) noexcept;
SubscriptionOptions options_of(std::uint8_t byte) noexcept;

struct FilterEntry {
  std::string_view filter;  ///< as it came, `$share/` included
  SubscriptionOptions options;
};

/// A range of FilterEntry. The bytes must outlive it and every entry.
class FilterList {
 public:
  class iterator {
   public:
    using value_type = FilterEntry;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using reference = FilterEntry;
    using pointer = void;

    iterator() = default;
    FilterEntry operator*() const noexcept;
    iterator& operator++() noexcept;
    iterator operator++(int) noexcept {
      const iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const iterator& other) const noexcept { return rest_.size() == other.rest_.size(); }

   private:
    friend FilterList;
    iterator(std::string_view rest, bool has_options) noexcept : rest_(rest), has_options_(has_options) {}
    std::string_view rest_;
    bool has_options_ = false;
  };

  FilterList() = default;
  /// Takes bytes that were found valid, or that append() wrote: each filter with its length before it, and its options
  /// after it if they are those of a SUBSCRIBE.
  FilterList(std::string_view raw, bool has_options) noexcept : raw_(raw), has_options_(has_options) {}

  iterator begin() const noexcept { return {raw_, has_options_}; }
  iterator end() const noexcept { return {{}, has_options_}; }
  bool empty() const noexcept { return raw_.empty(); }
  /// Counts: time linear in the bytes.
  std::size_t count() const noexcept { return static_cast<std::size_t>(std::distance(begin(), end())); }
  std::string_view raw() const noexcept { return raw_; }

  bool operator==(const FilterList&) const = default;

 private:
  std::string_view raw_;
  bool has_options_ = false;
};

/// Adds a filter for SUBSCRIBE to the bytes of a FilterList; one for UNSUBSCRIBE without options.
void append_filter(std::string& raw, std::string_view filter, const SubscriptionOptions& options);
void append_filter(std::string& raw, std::string_view filter);

}  // namespace iot::mqtt
