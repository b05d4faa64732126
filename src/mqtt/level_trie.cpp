#include "mqtt/level_trie.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "mqtt/topic.h"

namespace iot::mqtt {
namespace {

/// Both halves of the product, folded: each bit of the result depends on each of both factors.
std::uint64_t mix(std::uint64_t left, std::uint64_t right) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::uint64_t random_hash_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

LevelTrie::LevelTrie(std::uint64_t hash_seed) : seed_(hash_seed), nodes_(1), labels_(1) {
  // '+' has its number for good.
  [[maybe_unused]] const Label first = take_label("+");
  assert(first == plus);
}

std::uint32_t LevelTrie::hash(std::string_view text) const noexcept {
  // Odd constants without pattern, from the digits of the golden ratio and of pi.
  constexpr std::uint64_t a = 0x9E3779B97F4A7C15u;
  constexpr std::uint64_t b = 0x243F6A8885A308D3u;
  std::uint64_t state = seed_ ^ mix(text.size() ^ a, b);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state = mix(word ^ state, a ^ seed_);
  }
  std::uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  state = mix(mix(word ^ state, a ^ seed_), b);
  return static_cast<std::uint32_t>(state ^ state >> 32);
}

LevelTrie::Label LevelTrie::find_label(std::string_view level) const noexcept {
  return label_table_.find(hash(level), [&](std::uint32_t id) { return labels_[id].text == level; });
}

LevelTrie::Label LevelTrie::take_label(std::string_view level) {
  Label label = find_label(level);
  if (label == no_label) {
    if (free_labels_.empty()) {
      label = static_cast<Label>(labels_.size());
      labels_.emplace_back();
    } else {
      label = free_labels_.back();
      free_labels_.pop_back();
    }
    labels_[label] = {std::string(level), hash(level), 0};
    label_table_.insert(labels_[label].hash, label);
  }
  ++labels_[label].references;
  return label;
}

void LevelTrie::release_label(Label label) noexcept {
  Level& level = labels_[label];
  if (--level.references > 0) return;
  label_table_.erase(level.hash, label);
  level.text = {};
  free_labels_.push_back(label);
}

LevelTrie::NodeId LevelTrie::find(std::string_view path) const noexcept {
  NodeId node = root;
  for (Levels levels(path); !levels.done();) {
    const Label label = find_label(levels.next());
    if (label == no_label) return no_node;
    node = child(node, label);
    if (node == no_node) return no_node;
  }
  return node;
}

LevelTrie::NodeId LevelTrie::make(std::string_view path) {
  NodeId node = root;
  for (Levels levels(path); !levels.done();) {
    const std::string_view level = levels.next();
    const Label label = find_label(level);
    const NodeId next = label == no_label ? no_node : child(node, label);
    node = next != no_node ? next : make_child(node, take_label(level));
  }
  return node;
}

LevelTrie::NodeId LevelTrie::make_child(NodeId parent, Label label) {
  NodeId node = 0;
  if (free_nodes_.empty()) {
    node = static_cast<NodeId>(nodes_.size());
    nodes_.emplace_back();
  } else {
    node = free_nodes_.back();
    free_nodes_.pop_back();
  }
  Node& mother = nodes_[parent];
  nodes_[node] = {};
  nodes_[node].parent = parent;
  nodes_[node].label = label;
  nodes_[node].next_sibling = mother.first_child;
  if (mother.first_child != no_node) nodes_[mother.first_child].previous_sibling = node;
  mother.first_child = node;
  if (label == plus) mother.has_plus_child = 1;
  edges_.insert(edge_hash(parent, label), node);
  return node;
}

void LevelTrie::prune(NodeId node) noexcept {
  while (node != root) {
    const Node gone = nodes_[node];
    if (gone.first_child != no_node || gone.here != 0 || gone.below != 0) return;
    edges_.erase(edge_hash(gone.parent, gone.label), node);
    Node& mother = nodes_[gone.parent];
    if (gone.previous_sibling != no_node) {
      nodes_[gone.previous_sibling].next_sibling = gone.next_sibling;
    } else {
      mother.first_child = gone.next_sibling;
    }
    if (gone.next_sibling != no_node) nodes_[gone.next_sibling].previous_sibling = gone.previous_sibling;
    if (gone.label == plus) mother.has_plus_child = 0;
    release_label(gone.label);
    free_nodes_.push_back(node);
    node = gone.parent;
  }
}

std::string LevelTrie::path(NodeId node) const {
  std::vector<std::string_view> levels;
  for (; node != root; node = nodes_[node].parent) levels.push_back(labels_[nodes_[node].label].text);
  std::string path;
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (level != levels.rbegin()) path.push_back('/');
    path.append(*level);
  }
  return path;
}

std::size_t LevelTrie::memory_bytes() const noexcept {
  std::size_t bytes = nodes_.capacity() * sizeof(Node) + free_nodes_.capacity() * sizeof(NodeId) +
                      labels_.capacity() * sizeof(Level) + free_labels_.capacity() * sizeof(Label) +
                      edges_.memory_bytes() + label_table_.memory_bytes();
  static const std::size_t inline_bytes = std::string().capacity();
  for (const Level& level : labels_) bytes += level.text.capacity() > inline_bytes ? level.text.capacity() + 1 : 0;
  return bytes;
}

}  // namespace iot::mqtt
