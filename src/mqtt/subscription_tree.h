// Who gets a message: all subscriptions of all sessions, found by the topic's name.
//
// Subscribers are small numbers, best the indices of a table of sessions. A subscription is about 200 bytes with its
// path (docs/decisions/0009-mqtt-core.md); each operation costs time by the levels of one topic or filter, and match()
// by the nodes that lie on the topic's way, of which wildcards make more than one a level: at most 2^levels, and never
// more than there are. Unsubscribing costs the same however many others have the same filter.
//
// Filters and names given must be good ones (mqtt/topic.h). Belongs to one thread at a time; match() may run on several
// threads together while nobody changes the tree. For retained messages see retained_tree.h.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/filter_list.h"
#include "mqtt/level_trie.h"
#include "mqtt/topic.h"

namespace iot::mqtt {

enum class Subscriber : std::uint32_t {};

/// What a subscriber wants with one filter.
struct Interest {
  SubscriptionOptions options = {};
  std::uint32_t identifier = 0;  ///< the subscription identifier; 0: none
  std::uint64_t since = 0;       ///< the caller's: when the subscription was made; the tree only keeps it

  bool operator==(const Interest&) const = default;
};

class SubscriptionTree {
 public:
  /// A shared subscription, of which one member gets the message: the caller chooses.
  class Group;

  enum class Added : std::uint8_t { as_new, replaced };

  explicit SubscriptionTree(std::uint64_t hash_seed = random_hash_seed());

  /// Subscribes to a filter, `$share/<group>/<filter>` too. A subscriber has one subscription for each different
  /// filter; another one for the same (of the same group) replaces it.
  Added add(Subscriber subscriber, std::string_view filter, const Interest& interest);

  /// What the subscriber wants with exactly this filter, or nothing.
  std::optional<Interest> find(Subscriber subscriber, std::string_view filter) const;

  /// Ends a subscription; false if there is none.
  bool remove(Subscriber subscriber, std::string_view filter);

  /// Ends all of a subscriber's subscriptions and says how many there were.
  std::size_t remove_all(Subscriber subscriber);

  /// Calls visitor.subscription(Subscriber, const Interest&) for each matching subscription that is not shared, and
  /// visitor.group(const Group&) for each matching shared one. A subscriber with several matching filters is visited
  /// for each. In no promised order. The visitor must not change the tree.
  template <class Visitor>
  void match(std::string_view name, Visitor&& visitor) const;

  /// Calls visit(const std::string& filter, const Interest&) for each subscription of a subscriber.
  template <class Visit>
  void each(Subscriber subscriber, Visit&& visit) const;

  /// Subscriptions, each member of a shared one counted.
  std::size_t size() const noexcept { return table_.size(); }
  std::size_t memory_bytes() const noexcept;

 private:
  using Id = std::uint32_t;
  using NodeId = LevelTrie::NodeId;

  /// Where a filter's subscriptions hang: at its node, or, if it ends with '#', below the node before that.
  struct Place {
    NodeId node = 0;
    bool is_below = false;
  };

  /// One subscription, or (in the list of a node) a group of shared ones. Ids are indices; 0 is none.
  struct Entry {
    NodeId node = 0;
    bool is_below : 1 = false;
    bool is_group : 1 = false;
    std::uint8_t options : 6 = 0;
    Id group = 0;  ///< the entry's group if it is a member of one, or itself the entry of one: index into groups_
    Subscriber subscriber{};
    std::uint32_t identifier = 0;
    Id next = 0;  ///< in the list of the node
    /// In the list of the node; for a member of a group its position there.
    Id previous = 0;
    Id next_of_subscriber = 0;
    Id previous_of_subscriber = 0;
    std::uint64_t since = 0;

    Interest interest() const noexcept { return {options_of(options), identifier, since}; }
  };

  struct GroupData {
    std::string name;
    Id entry = 0;
    std::vector<Id> members;
    mutable std::uint32_t turn = 0;
  };

  /// What a path becomes: the filter without its last level if that is '#'.
  struct Path {
    std::string_view levels;
    bool is_below = false;
    bool is_root = false;  ///< the filter is '#'
  };
  static Path path_of(std::string_view filter) noexcept;
  Place place_of(std::string_view filter);
  std::optional<Place> find_place(std::string_view filter) const noexcept;

  static std::uint32_t hash(Subscriber subscriber, Place place, Id group) noexcept;
  Id find_entry(Subscriber subscriber, Place place, Id group) const noexcept;
  std::uint32_t group_hash(Place place, std::string_view name) const noexcept;
  Id find_group(Place place, std::string_view name) const noexcept;
  Id take_group(Place place, std::string_view name);

  std::uint32_t& head(Place place) noexcept;
  Id take_entry();
  void link_to_node(Id id, Place place) noexcept;
  void unlink_from_node(Id id) noexcept;
  void link_to_subscriber(Id id);
  void unlink_from_subscriber(Id id) noexcept;
  void leave_group(Id id) noexcept;
  void erase(Id id) noexcept;
  std::string filter_of(const Entry& entry) const;

  template <class Visitor>
  void visit_list(Id id, Visitor& visitor) const;

  LevelTrie trie_;
  std::vector<Entry> entries_;
  std::vector<Id> free_entries_;
  std::vector<GroupData> groups_;
  std::vector<Id> free_groups_;
  std::vector<Id> first_of_subscriber_;
  IndexTable table_;
  IndexTable group_table_;
};

class SubscriptionTree::Group {
 public:
  /// Valid until the tree changes.
  std::string_view name() const noexcept { return data_.name; }
  /// Never 0; the group's while it has members.
  std::uint32_t id() const noexcept { return data_.entry; }
  /// At least 1.
  std::size_t size() const noexcept { return data_.members.size(); }
  Subscriber subscriber(std::size_t index) const noexcept { return entry(index).subscriber; }
  Interest interest(std::size_t index) const noexcept { return entry(index).interest(); }

  /// Where to begin this time: the index after the one of the last call, round and round. To be called for each
  /// message; go on from there if that member cannot take it.
  std::size_t take_turn() const noexcept {
    return std::atomic_ref(data_.turn).fetch_add(1, std::memory_order_relaxed) % data_.members.size();
  }

 private:
  friend SubscriptionTree;
  Group(const SubscriptionTree& tree, const GroupData& data) noexcept : tree_(tree), data_(data) {}
  const Entry& entry(std::size_t index) const noexcept { return tree_.entries_[data_.members[index]]; }

  const SubscriptionTree& tree_;
  const GroupData& data_;
};

template <class Visitor>
void SubscriptionTree::visit_list(Id id, Visitor& visitor) const {
  while (id != 0) {
    const Entry& entry = entries_[id];
    if (entry.is_group) {
      visitor.group(Group(*this, groups_[entry.group]));
    } else {
      visitor.subscription(entry.subscriber, entry.interest());
    }
    id = entry.next;
  }
}

template <class Visitor>
void SubscriptionTree::match(std::string_view name, Visitor&& visitor) const {
  struct Step {
    NodeId node;
    std::uint32_t level;  ///< how many levels of the name lead to the node
  };
  // Each step makes one of its two followers the next and leaves the other waiting, one level deeper than itself.
  std::array<Step, topic_levels_max + 1> waiting;
  std::size_t waiting_count = 0;
  // The levels' labels as far as they were needed yet.
  std::array<LevelTrie::Label, topic_levels_max> labels;
  std::uint32_t labels_count = 0;
  Levels levels(name);

  const bool is_hidden = name.starts_with('$');
  waiting[waiting_count++] = {LevelTrie::root, 0};
  while (waiting_count > 0) {
    const Step step = waiting[--waiting_count];
    const LevelTrie::Node& node = trie_[step.node];
    const bool takes_wildcards = step.level > 0 || !is_hidden;
    if (takes_wildcards) visit_list(node.below, visitor);
    if (step.level == labels_count && levels.done()) {
      visit_list(node.here, visitor);
      continue;
    }
    // No filter is that deep, and no name should be.
    if (node.first_child == LevelTrie::no_node || step.level == topic_levels_max) continue;
    if (step.level == labels_count) labels[labels_count++] = trie_.find_label(levels.next());
    if (node.has_plus_child != 0 && takes_wildcards) {
      waiting[waiting_count++] = {trie_.child(step.node, LevelTrie::plus), step.level + 1};
    }
    // A level "+" in a name cannot be: names have no wildcards.
    const LevelTrie::Label label = labels[step.level];
    if (label == LevelTrie::no_label) continue;
    const NodeId child = trie_.child(step.node, label);
    if (child != LevelTrie::no_node) waiting[waiting_count++] = {child, step.level + 1};
  }
}

template <class Visit>
void SubscriptionTree::each(Subscriber subscriber, Visit&& visit) const {
  const auto index = static_cast<std::size_t>(subscriber);
  if (index >= first_of_subscriber_.size()) return;
  for (Id id = first_of_subscriber_[index]; id != 0; id = entries_[id].next_of_subscriber) {
    visit(filter_of(entries_[id]), entries_[id].interest());
  }
}

}  // namespace iot::mqtt
