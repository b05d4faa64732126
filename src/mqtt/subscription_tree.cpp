#include "mqtt/subscription_tree.h"

#include <cassert>

namespace iot::mqtt {

SubscriptionTree::SubscriptionTree(std::uint64_t hash_seed) : trie_(hash_seed), entries_(1), groups_(1) {}

SubscriptionTree::Path SubscriptionTree::path_of(std::string_view filter) noexcept {
  if (filter == "#") return {{}, true, true};
  if (filter.ends_with("/#")) return {filter.substr(0, filter.size() - 2), true, false};
  return {filter, false, false};
}

SubscriptionTree::Place SubscriptionTree::place_of(std::string_view filter) {
  const Path path = path_of(filter);
  return {path.is_root ? LevelTrie::root : trie_.make(path.levels), path.is_below};
}

std::optional<SubscriptionTree::Place> SubscriptionTree::find_place(std::string_view filter) const noexcept {
  const Path path = path_of(filter);
  if (path.is_root) return Place{LevelTrie::root, true};
  const NodeId node = trie_.find(path.levels);
  if (node == LevelTrie::no_node) return {};
  return Place{node, path.is_below};
}

std::uint32_t SubscriptionTree::hash(Subscriber subscriber, Place place, Id group) noexcept {
  // All of these are small numbers of our own making.
  const std::uint64_t where = std::uint64_t{place.node} << 1 | (place.is_below ? 1u : 0u);
  const std::uint64_t who = std::uint64_t{static_cast<std::uint32_t>(subscriber)} << 32 | group;
  const std::uint64_t mixed = (who ^ where * 0xFF51AFD7ED558CCDu) * 0x9E3779B97F4A7C15u;
  return static_cast<std::uint32_t>(mixed >> 32);
}

SubscriptionTree::Id SubscriptionTree::find_entry(Subscriber subscriber, Place place, Id group) const noexcept {
  return table_.find(hash(subscriber, place, group), [&](Id id) {
    const Entry& entry = entries_[id];
    return entry.subscriber == subscriber && entry.node == place.node && entry.is_below == place.is_below &&
           entry.group == group;
  });
}

std::uint32_t& SubscriptionTree::head(Place place) noexcept {
  LevelTrie::Node& node = trie_[place.node];
  return place.is_below ? node.below : node.here;
}

std::uint32_t SubscriptionTree::group_hash(Place place, std::string_view name) const noexcept {
  return hash(Subscriber{trie_.hash(name)}, place, 0);
}

SubscriptionTree::Id SubscriptionTree::find_group(Place place, std::string_view name) const noexcept {
  return group_table_.find(group_hash(place, name), [&](Id id) {
    const Entry& entry = entries_[groups_[id].entry];
    return entry.node == place.node && entry.is_below == place.is_below && groups_[id].name == name;
  });
}

SubscriptionTree::Id SubscriptionTree::take_group(Place place, std::string_view name) {
  if (const Id known = find_group(place, name); known != 0) return known;
  Id group = 0;
  if (free_groups_.empty()) {
    group = static_cast<Id>(groups_.size());
    groups_.emplace_back();
  } else {
    group = free_groups_.back();
    free_groups_.pop_back();
  }
  const Id id = take_entry();
  entries_[id].is_group = true;
  entries_[id].group = group;
  groups_[group] = {std::string(name), id, {}, 0};
  link_to_node(id, place);
  group_table_.insert(group_hash(place, name), group);
  return group;
}

SubscriptionTree::Id SubscriptionTree::take_entry() {
  if (!free_entries_.empty()) {
    const Id id = free_entries_.back();
    free_entries_.pop_back();
    entries_[id] = {};
    return id;
  }
  entries_.emplace_back();
  return static_cast<Id>(entries_.size() - 1);
}

void SubscriptionTree::link_to_node(Id id, Place place) noexcept {
  Entry& entry = entries_[id];
  entry.node = place.node;
  entry.is_below = place.is_below;
  std::uint32_t& first = head(place);
  entry.next = first;
  if (first != 0) entries_[first].previous = id;
  first = id;
}

void SubscriptionTree::unlink_from_node(Id id) noexcept {
  const Entry& entry = entries_[id];
  if (entry.next != 0) entries_[entry.next].previous = entry.previous;
  (entry.previous != 0 ? entries_[entry.previous].next : head({entry.node, entry.is_below})) = entry.next;
}

void SubscriptionTree::link_to_subscriber(Id id) {
  Entry& entry = entries_[id];
  const auto index = static_cast<std::size_t>(entry.subscriber);
  if (index >= first_of_subscriber_.size()) first_of_subscriber_.resize(index + 1);
  Id& first = first_of_subscriber_[index];
  entry.next_of_subscriber = first;
  if (first != 0) entries_[first].previous_of_subscriber = id;
  first = id;
}

void SubscriptionTree::unlink_from_subscriber(Id id) noexcept {
  const Entry& entry = entries_[id];
  if (entry.next_of_subscriber != 0) {
    entries_[entry.next_of_subscriber].previous_of_subscriber = entry.previous_of_subscriber;
  }
  Id& link = entry.previous_of_subscriber != 0 ? entries_[entry.previous_of_subscriber].next_of_subscriber
                                               : first_of_subscriber_[static_cast<std::size_t>(entry.subscriber)];
  link = entry.next_of_subscriber;
}

SubscriptionTree::Added SubscriptionTree::add(Subscriber subscriber, std::string_view filter,
                                              const Interest& interest) {
  assert(!check_topic_filter(filter));
  const FilterParts parts = split_filter(filter);
  const Place place = place_of(parts.filter);
  const Id group = parts.is_shared() ? take_group(place, parts.group) : 0;
  if (const Id known = find_entry(subscriber, place, group); known != 0) {
    entries_[known].options = to_byte(interest.options) & 0x3F;
    entries_[known].identifier = interest.identifier;
    entries_[known].since = interest.since;
    return Added::replaced;
  }
  const Id id = take_entry();
  Entry& entry = entries_[id];
  entry.subscriber = subscriber;
  entry.options = to_byte(interest.options) & 0x3F;
  entry.identifier = interest.identifier;
  entry.since = interest.since;
  entry.group = group;
  if (group == 0) {
    link_to_node(id, place);
  } else {
    entry.node = place.node;
    entry.is_below = place.is_below;
    std::vector<Id>& members = groups_[group].members;
    entry.previous = static_cast<Id>(members.size());
    members.push_back(id);
  }
  link_to_subscriber(id);
  table_.insert(hash(subscriber, place, group), id);
  return Added::as_new;
}

std::optional<Interest> SubscriptionTree::find(Subscriber subscriber, std::string_view filter) const {
  const FilterParts parts = split_filter(filter);
  const std::optional<Place> place = find_place(parts.filter);
  if (!place) return {};
  const Id group = parts.is_shared() ? find_group(*place, parts.group) : 0;
  if (parts.is_shared() && group == 0) return {};
  const Id id = find_entry(subscriber, *place, group);
  if (id == 0) return {};
  return entries_[id].interest();
}

bool SubscriptionTree::remove(Subscriber subscriber, std::string_view filter) {
  const FilterParts parts = split_filter(filter);
  const std::optional<Place> place = find_place(parts.filter);
  if (!place) return false;
  const Id group = parts.is_shared() ? find_group(*place, parts.group) : 0;
  if (parts.is_shared() && group == 0) return false;
  const Id id = find_entry(subscriber, *place, group);
  if (id == 0) return false;
  erase(id);
  return true;
}

std::size_t SubscriptionTree::remove_all(Subscriber subscriber) {
  const auto index = static_cast<std::size_t>(subscriber);
  std::size_t count = 0;
  while (index < first_of_subscriber_.size() && first_of_subscriber_[index] != 0) {
    erase(first_of_subscriber_[index]);
    ++count;
  }
  return count;
}

void SubscriptionTree::leave_group(Id id) noexcept {
  const Entry& entry = entries_[id];
  GroupData& group = groups_[entry.group];
  const Id last = group.members.back();
  group.members[entry.previous] = last;
  entries_[last].previous = entry.previous;
  group.members.pop_back();
  if (!group.members.empty()) return;
  group_table_.erase(group_hash({entry.node, entry.is_below}, group.name), entry.group);
  unlink_from_node(group.entry);
  free_entries_.push_back(group.entry);
  group = {};
  free_groups_.push_back(entry.group);
}

void SubscriptionTree::erase(Id id) noexcept {
  const Entry& entry = entries_[id];
  table_.erase(hash(entry.subscriber, {entry.node, entry.is_below}, entry.group), id);
  unlink_from_subscriber(id);
  if (entry.group != 0) {
    leave_group(id);
  } else {
    unlink_from_node(id);
  }
  trie_.prune(entry.node);
  free_entries_.push_back(id);
}

std::string SubscriptionTree::filter_of(const Entry& entry) const {
  std::string filter = entry.group != 0 ? "$share/" + groups_[entry.group].name + "/" : std::string();
  if (entry.node != LevelTrie::root) filter += trie_.path(entry.node);
  if (entry.is_below) filter += entry.node != LevelTrie::root ? "/#" : "#";
  return filter;
}

std::size_t SubscriptionTree::memory_bytes() const noexcept {
  std::size_t bytes = trie_.memory_bytes() + entries_.capacity() * sizeof(Entry) + table_.memory_bytes() +
                      group_table_.memory_bytes() + groups_.capacity() * sizeof(GroupData) +
                      first_of_subscriber_.capacity() * sizeof(Id) +
                      (free_entries_.capacity() + free_groups_.capacity()) * sizeof(Id);
  for (const GroupData& group : groups_) bytes += group.members.capacity() * sizeof(Id);
  return bytes;
}

}  // namespace iot::mqtt
