#include "mqtt/retained_tree.h"

#include <cassert>

namespace iot::mqtt {

std::optional<RetainedTree::Value> RetainedTree::set(std::string_view name, Value value) {
  assert(!check_topic_name(name));
  LevelTrie::Node& node = trie_[trie_.make(name)];
  std::optional<Value> before;
  if (node.below == present) {
    before = node.here;
  } else {
    ++size_;
  }
  node.below = present;
  node.here = value;
  return before;
}

std::optional<RetainedTree::Value> RetainedTree::find(std::string_view name) const noexcept {
  const NodeId node = trie_.find(name);
  if (node == LevelTrie::no_node || trie_[node].below != present) return {};
  return trie_[node].here;
}

std::optional<RetainedTree::Value> RetainedTree::erase(std::string_view name) noexcept {
  const NodeId node = trie_.find(name);
  if (node == LevelTrie::no_node || trie_[node].below != present) return {};
  const Value value = trie_[node].here;
  trie_[node].here = 0;
  trie_[node].below = 0;
  trie_.prune(node);
  --size_;
  return value;
}

}  // namespace iot::mqtt
