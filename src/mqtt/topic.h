// Topic names and topic filters (5.0 section 4.7): what they may look like, and which filter takes which name.
//
// For many filters at once see subscription_tree.h, for many names retained_tree.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace iot::mqtt {

/// Deeper names and filters are refused: each level of a stored filter costs memory, and work with each message.
inline constexpr std::size_t topic_levels_max = 200;

/// What is wrong with a topic name or filter.
enum class TopicFault : std::uint8_t {
  empty,
  too_long,            ///< more than string_bytes_max bytes
  not_text,            ///< no UTF-8, or with U+0000, control characters or non-characters
  wildcard_in_name,    ///< '+' or '#' in a topic name
  misplaced_wildcard,  ///< '+' beside other letters of a level, or '#' anywhere but as the last level
  share_form,          ///< `$share/` without a group, with a wildcard in the group, or without a filter
  too_many_levels,     ///< more than topic_levels_max
};
/// "is empty": to follow the words "the topic name".
std::string_view to_string(TopicFault fault) noexcept;

/// What is wrong with a name to publish on; nothing if it is good. Names that begin with '$' are good.
std::optional<TopicFault> check_topic_name(std::string_view name) noexcept;

/// What is wrong with a filter as it stands in SUBSCRIBE, `$share/<group>/<filter>` included; nothing if it is good.
std::optional<TopicFault> check_topic_filter(std::string_view filter) noexcept;

/// Levels of a name or filter: one more than it has '/'.
std::size_t count_levels(std::string_view topic) noexcept;

/// Whether a filter has '+' or '#'.
bool has_wildcard(std::string_view filter) noexcept;

/// A filter of SUBSCRIBE taken apart (5.0 section 4.8.2).
struct FilterParts {
  std::string_view group;   ///< of a shared subscription; empty for others
  std::string_view filter;  ///< what names are matched with

  bool is_shared() const noexcept { return !group.empty(); }
};

/// The parts of a good filter.
FilterParts split_filter(std::string_view filter) noexcept;

/// Whether the good name `name` is taken by the good filter, which is not a shared one. '+' and '#' as the first level
/// do not take names that begin with '$'; `a/#` takes `a`.
bool topic_matches(std::string_view filter, std::string_view name) noexcept;

/// Takes the levels off a name or filter one by one. `topic` must outlive it.
class Levels {
 public:
  explicit Levels(std::string_view topic) noexcept : rest_(topic) {}

  bool done() const noexcept { return done_; }

  /// The next level, which may be empty. Not to be called once done().
  std::string_view next() noexcept {
    const std::size_t slash = rest_.find('/');
    const std::string_view level = rest_.substr(0, slash);
    if (slash == std::string_view::npos) {
      done_ = true;
    } else {
      rest_.remove_prefix(slash + 1);
    }
    return level;
  }

 private:
  std::string_view rest_;
  bool done_ = false;
};

}  // namespace iot::mqtt
