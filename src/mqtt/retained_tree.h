// Topic names that something is kept for, above all retained messages: found by name, and by the filter of a new
// subscription.
//
// What is kept is a number of the caller's, best the index of a table of messages. Names and filters given must be good
// ones (mqtt/topic.h). Belongs to one thread at a time; const functions may run on several together while nobody
// changes it. For subscriptions see subscription_tree.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mqtt/level_trie.h"
#include "mqtt/topic.h"

namespace iot::mqtt {

class RetainedTree {
 public:
  using Value = std::uint32_t;

  /// How far one match() may go. A filter as `+/+/x` may have to look at very many names to find few.
  struct Limits {
    std::size_t matches_max;
    std::size_t steps_max;  ///< nodes looked at
  };
  enum class End : std::uint8_t {
    complete,
    matches_reached,  ///< there may be more
    steps_reached,    ///< there may be more
  };

  explicit RetainedTree(std::uint64_t hash_seed = random_hash_seed()) : trie_(hash_seed) {}

  /// Keeps the value for the name, and gives back the one that was there before.
  std::optional<Value> set(std::string_view name, Value value);
  std::optional<Value> find(std::string_view name) const noexcept;
  /// Takes the name out, and gives back its value.
  std::optional<Value> erase(std::string_view name) noexcept;

  /// Calls visit(Value) for each name that the filter takes, which is not a shared one. In no promised order. The
  /// visitor must not change the tree.
  template <class Visit>
  End match(std::string_view filter, const Limits& limits, Visit&& visit) const;

  std::size_t size() const noexcept { return size_; }
  std::size_t memory_bytes() const noexcept { return trie_.memory_bytes(); }

 private:
  using NodeId = LevelTrie::NodeId;
  /// In Node::below: there is a value, in Node::here.
  static constexpr std::uint32_t present = 1;

  template <class Visit>
  struct Walk {
    const LevelTrie& trie;
    Limits limits;
    Visit& visit;
    End end = End::complete;

    /// False once a limit is reached.
    bool step() {
      if (limits.steps_max > 0) return --limits.steps_max, true;
      end = End::steps_reached;
      return false;
    }
    bool give(NodeId node);
    bool all_below(NodeId node);
    bool children(NodeId node, Levels rest);
    bool descend(NodeId node, Levels rest);
    bool is_hidden(NodeId node) const {
      return trie[node].parent == LevelTrie::root && trie.text(trie[node].label).starts_with('$');
    }
  };

  LevelTrie trie_;
  std::size_t size_ = 0;
};

template <class Visit>
bool RetainedTree::Walk<Visit>::give(NodeId node) {
  if (trie[node].below != present) return true;
  if (limits.matches_max == 0) {
    end = End::matches_reached;
    return false;
  }
  --limits.matches_max;
  visit(Value{trie[node].here});
  return true;
}

/// The node itself and everything under it. Goes by links alone, so that a deep tree needs no deep stack.
template <class Visit>
bool RetainedTree::Walk<Visit>::all_below(NodeId top) {
  NodeId node = top;
  for (;;) {
    // The root has no name, and '#' does not take names with '$'.
    const bool is_open = !is_hidden(node) || node == top;
    if (is_open && (!step() || !give(node))) return false;
    if (is_open && trie[node].first_child != LevelTrie::no_node) {
      node = trie[node].first_child;
      continue;
    }
    while (node != top && trie[node].next_sibling == LevelTrie::no_node) node = trie[node].parent;
    if (node == top) return true;
    node = trie[node].next_sibling;
  }
}

template <class Visit>
bool RetainedTree::Walk<Visit>::children(NodeId node, Levels rest) {
  for (NodeId child = trie[node].first_child; child != LevelTrie::no_node; child = trie[child].next_sibling) {
    if (!step()) return false;
    if (is_hidden(child)) continue;
    if (!descend(child, rest)) return false;
  }
  return true;
}

/// As deep as the filter has levels, of which there are topic_levels_max at most.
template <class Visit>
bool RetainedTree::Walk<Visit>::descend(NodeId node, Levels rest) {
  while (!rest.done()) {
    const std::string_view level = rest.next();
    if (level == "#") return all_below(node);
    if (level == "+") return children(node, rest);
    if (!step()) return false;
    const LevelTrie::Label label = trie.find_label(level);
    node = label == LevelTrie::no_label ? LevelTrie::no_node : trie.child(node, label);
    if (node == LevelTrie::no_node) return true;
  }
  return give(node);
}

template <class Visit>
RetainedTree::End RetainedTree::match(std::string_view filter, const Limits& limits, Visit&& visit) const {
  Walk<std::remove_reference_t<Visit>> walk{trie_, limits, visit};
  walk.descend(LevelTrie::root, Levels(filter));
  return walk.end;
}

}  // namespace iot::mqtt
