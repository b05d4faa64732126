// Topic names or filters as paths of levels: what SubscriptionTree and RetainedTree stand on.
//
// Each different level is kept once, however many paths have it, and a step from a node to its child is a look-up of
// two numbers; so a topic is compared with no filter letter by letter. 28 bytes a node, about 14 for the step to it,
// and about 55 for each different level.
//
// Belongs to one thread at a time; const functions may run on several together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/index_table.h"

namespace iot::mqtt {

class LevelTrie {
 public:
  using NodeId = std::uint32_t;
  /// What a level is called by. Those of removed levels are given out again.
  using Label = std::uint32_t;

  static constexpr NodeId root = 0;
  static constexpr NodeId no_node = 0;  ///< the root is nobody's child
  static constexpr Label no_label = 0;
  static constexpr Label plus = 1;  ///< '+'

  struct Node {
    NodeId parent = 0;
    Label label : 31 = no_label;
    std::uint32_t has_plus_child : 1 = 0;
    NodeId first_child = no_node;
    NodeId next_sibling = no_node;
    NodeId previous_sibling = no_node;
    /// The owner's, not 0 where it has something at this path, or (in `below`) at this path followed by '#'.
    std::uint32_t here = 0;
    std::uint32_t below = 0;
  };

  /// Levels come from outside: with a seed that nobody guesses they cannot be chosen to collide.
  explicit LevelTrie(std::uint64_t hash_seed);

  const Node& operator[](NodeId node) const noexcept { return nodes_[node]; }
  Node& operator[](NodeId node) noexcept { return nodes_[node]; }

  /// The label of a level, or no_label if no path has it.
  Label find_label(std::string_view level) const noexcept;
  std::string_view text(Label label) const noexcept { return labels_[label].text; }

  /// The child of `node` at this level, or no_node. A label that is no_label has none.
  NodeId child(NodeId node, Label label) const noexcept {
    return edges_.find(edge_hash(node, label),
                       [&](std::uint32_t id) { return nodes_[id].parent == node && nodes_[id].label == label; });
  }

  /// The node of a whole path, or no_node. The empty path is a path with one empty level.
  NodeId find(std::string_view path) const noexcept;

  /// The node of a path, made where it is not there yet. Invalidates references to nodes.
  NodeId make(std::string_view path);

  /// Takes out `node` and what leads to it, as far as nobody needs them: no children, `here` and `below` 0.
  void prune(NodeId node) noexcept;

  /// The path of a node that is not the root.
  std::string path(NodeId node) const;

  /// Of any text, with the seed.
  std::uint32_t hash(std::string_view text) const noexcept;

  std::size_t node_count() const noexcept { return nodes_.size() - free_nodes_.size(); }
  std::size_t memory_bytes() const noexcept;

 private:
  struct Level {
    std::string text;
    std::uint32_t hash = 0;
    std::uint32_t references = 0;
  };

  std::uint32_t edge_hash(NodeId node, Label label) const noexcept {
    // Both are small numbers of our own; the upper half of a product depends on all of their bits.
    return static_cast<std::uint32_t>(((std::uint64_t{node} << 32 | label) ^ seed_) * 0x9E3779B97F4A7C15u >> 32);
  }
  Label take_label(std::string_view level);
  void release_label(Label label) noexcept;
  NodeId make_child(NodeId parent, Label label);

  std::uint64_t seed_;
  std::vector<Node> nodes_;
  std::vector<NodeId> free_nodes_;
  std::vector<Level> labels_;
  std::vector<Label> free_labels_;
  IndexTable edges_;
  IndexTable label_table_;
};

/// A number that nobody guesses, for the constructors of this module's trees.
std::uint64_t random_hash_seed();

}  // namespace iot::mqtt
