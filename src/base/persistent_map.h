// A map from ids to values of which a copy costs nothing and stays as it is: the ground of the registry's snapshot.
//
// A trie over the key's bits, five at a step (Bagwell, "Ideal Hash Trees", 2001, without hashing: ids are unique and
// mostly consecutive). set() and erase() copy the nodes on the path to the key, and only those that another copy
// shares, so a change of one among a million keys touches four small nodes.
//
// A copy may be read by any number of threads while its own or another copy is changed by one thread each.
// For a map that is only used in one place see std::unordered_map.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace iot {

/// `Key` is an Id<...>.
template <class Key, class Value>
class PersistentMap {
 public:
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// The value, or null. Valid until this map (not a copy of it) is changed or destroyed.
  const Value* find(Key key) const noexcept {
    const std::uint64_t bits = zigzag(key.value);
    const Node* node = root_.get();
    for (unsigned shift = 0; node; shift += step_bits) {
      const std::uint32_t bit = bit_of(bits, shift);
      if (node->leaf_mask & bit) {
        const auto& leaf = node->leaves[index_of(node->leaf_mask, bit)];
        return leaf.first == key ? &leaf.second : nullptr;
      }
      if (!(node->child_mask & bit)) return nullptr;
      node = node->children[index_of(node->child_mask, bit)].get();
    }
    return nullptr;
  }

  bool contains(Key key) const noexcept { return find(key) != nullptr; }

  /// Adds or replaces.
  void set(Key key, Value value) { set_in(root_, 0, key, std::move(value)); }

  /// False if the key was not there.
  bool erase(Key key) {
    if (!contains(key)) return false;
    erase_in(root_, 0, key);
    --size_;
    return true;
  }

  /// Calls visit(key, value) for each, in no order that means anything.
  template <class Visit>
  void for_each(Visit&& visit) const {
    if (root_) visit_in(*root_, visit);
  }

 private:
  static constexpr unsigned step_bits = 5;

  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  struct Node {
    std::uint32_t leaf_mask = 0;
    std::uint32_t child_mask = 0;
    std::vector<std::pair<Key, Value>> leaves;
    std::vector<NodePtr> children;
  };

  static std::uint32_t bit_of(std::uint64_t bits, unsigned shift) noexcept {
    return std::uint32_t{1} << ((bits >> shift) & 31);
  }
  static std::ptrdiff_t offset_of(std::uint32_t mask, std::uint32_t bit) noexcept {
    return std::popcount(mask & (bit - 1));
  }
  static std::size_t index_of(std::uint32_t mask, std::uint32_t bit) noexcept {
    return static_cast<std::size_t>(offset_of(mask, bit));
  }

  /// A node that nobody else sees.
  static Node& own(NodePtr& node) {
    if (!node) {
      node = std::make_shared<Node>();
    } else if (node.use_count() > 1) {
      node = std::make_shared<Node>(*node);
    }
    return *node;
  }

  void set_in(NodePtr& at, unsigned shift, Key key, Value&& value) {
    Node& node = own(at);
    const std::uint32_t bit = bit_of(zigzag(key.value), shift);
    if (node.child_mask & bit) {
      return set_in(node.children[index_of(node.child_mask, bit)], shift + step_bits, key, std::move(value));
    }
    const auto place = offset_of(node.leaf_mask, bit);
    if (!(node.leaf_mask & bit)) {
      node.leaves.emplace(node.leaves.begin() + place, key, std::move(value));
      node.leaf_mask |= bit;
      ++size_;
      return;
    }
    auto& leaf = node.leaves[static_cast<std::size_t>(place)];
    if (leaf.first == key) {
      leaf.second = std::move(value);
      return;
    }
    // Two keys share these bits: both move into a child, where the next bits tell them apart.
    NodePtr child;
    auto moved = std::move(leaf);
    node.leaves.erase(node.leaves.begin() + place);
    node.leaf_mask &= ~bit;
    --size_;
    set_in(child, shift + step_bits, moved.first, std::move(moved.second));
    set_in(child, shift + step_bits, key, std::move(value));
    node.children.emplace(node.children.begin() + offset_of(node.child_mask, bit), std::move(child));
    node.child_mask |= bit;
  }

  void erase_in(NodePtr& at, unsigned shift, Key key) {
    Node& node = own(at);
    const std::uint32_t bit = bit_of(zigzag(key.value), shift);
    if (node.leaf_mask & bit) {
      node.leaves.erase(node.leaves.begin() + offset_of(node.leaf_mask, bit));
      node.leaf_mask &= ~bit;
      return;
    }
    const auto place = offset_of(node.child_mask, bit);
    NodePtr& child = node.children[static_cast<std::size_t>(place)];
    erase_in(child, shift + step_bits, key);
    if (child->leaf_mask == 0 && child->child_mask == 0) {
      node.children.erase(node.children.begin() + place);
      node.child_mask &= ~bit;
    }
  }

  template <class Visit>
  static void visit_in(const Node& node, Visit& visit) {
    for (const auto& [key, value] : node.leaves) visit(key, value);
    for (const auto& child : node.children) visit_in(*child, visit);
  }

  NodePtr root_;
  std::size_t size_ = 0;
};

}  // namespace iot
