// Lines that are topic names and filters: whether a name is matched must be the same for one filter, for the tree of
// subscriptions and for the tree of names; and both trees must be empty once all was taken out again.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/retained_tree.h"
#include "mqtt/subscription_tree.h"

namespace {

using namespace iot::mqtt;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Visited {
  void subscription(Subscriber subscriber, const Interest&) {
    require(seen.insert(static_cast<std::uint32_t>(subscriber)).second);
  }
  void group(const SubscriptionTree::Group& group) {
    for (std::size_t index = 0; index < group.size(); ++index) subscription(group.subscriber(index), {});
  }
  std::set<std::uint32_t> seen;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> filters;
  std::set<std::string_view> names;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
    if (!check_topic_filter(line)) filters.push_back(line);
    if (!check_topic_name(line)) names.insert(line);
    if (!check_topic_name(line)) require(!check_topic_filter(line) || line.starts_with("$share/"));
  }
  if (filters.size() > 100) filters.resize(100);

  SubscriptionTree tree(1);
  RetainedTree retained(1);
  std::uint32_t index = 0;
  for (const std::string_view name : names) retained.set(name, index++);
  // A subscriber for each line, so that each is visited once at most.
  for (std::uint32_t line = 0; line < filters.size(); ++line) tree.add(Subscriber{line}, filters[line], {});
  for (const std::string_view name : names) {
    Visited visited;
    tree.match(name, visited);
    for (std::uint32_t line = 0; line < filters.size(); ++line) {
      require(visited.seen.contains(line) == topic_matches(split_filter(filters[line]).filter, name));
    }
  }
  for (const std::string_view filter : filters) {
    std::set<std::uint32_t> seen;
    const std::string_view plain = split_filter(filter).filter;
    retained.match(plain, {1'000'000, 1'000'000}, [&](std::uint32_t value) { require(seen.insert(value).second); });
    index = 0;
    for (const std::string_view name : names) require(seen.contains(index++) == topic_matches(plain, name));
  }
  for (std::uint32_t line = 0; line < filters.size(); ++line) {
    tree.each(Subscriber{line}, [&](const std::string& filter, const Interest&) { require(filter == filters[line]); });
    require(tree.remove(Subscriber{line}, filters[line]));
  }
  for (const std::string_view name : names) require(retained.erase(name).has_value());
  require(tree.size() == 0 && retained.size() == 0);
  return 0;
}
