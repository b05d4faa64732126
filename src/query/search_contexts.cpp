#include "query/search_contexts.h"

#include <array>
#include <utility>

#include <sys/random.h>

namespace iot::query {
namespace {

/// 126 bits of the system's randomness as 21 letters of base64url.
std::optional<std::string> random_id() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 21> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
  std::string id;
  for (const unsigned char byte : bytes) id += alphabet[byte & 63];
  return id;
}

EsError too_many(const std::string& what, std::size_t max) {
  return {429, "too_many_scroll_contexts_exception",
          "Trying to create too many " + what + ". Must be less than or equal to: [" + std::to_string(max) +
              "]. This limit can be set by changing the [search.max_open_scroll_context] setting."};
}

std::string as_time(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + "ms";
}

}  // namespace

EsError context_missing(std::string_view id) {
  return EsError(404, "search_context_missing_exception", "No search context found for id [" + std::string(id) + "]")
      .on_shard();
}

EsResult<void> SearchContexts::check_keep_alive(std::chrono::milliseconds keep_alive) const {
  if (keep_alive <= limits_.keep_alive_max) return {};
  return illegal_argument("Keep alive for request (" + as_time(keep_alive) + ") is too large. It must be less than (" +
                          as_time(limits_.keep_alive_max) +
                          "). This limit can be set by changing the [search.max_keep_alive] cluster level setting.");
}

EsResult<std::string> SearchContexts::open(std::shared_ptr<SearchContext> context, std::size_t bytes) {
  auto id = random_id();
  if (!id) return EsError(503, "exception", "the system has no randomness yet");
  const std::lock_guard lock(mutex_);
  drop_expired();
  if (entries_.size() >= limits_.contexts_max) return too_many("scroll contexts", limits_.contexts_max);
  std::size_t of_owner = 0;
  for (const auto& [other, entry] : entries_) of_owner += entry.context->owner == context->owner ? 1 : 0;
  if (of_owner >= limits_.contexts_of_one_max) return too_many("contexts of one caller", limits_.contexts_of_one_max);
  if (bytes_ + bytes > limits_.bytes_max) {
    return EsError(429, "circuit_breaking_exception",
                   "[request] open scrolls and points in time hold too much already");
  }
  bytes_ += bytes;
  const auto expires = clock_.steady_now() + context->keep_alive;
  entries_.emplace(*id, Entry{std::move(context), bytes, expires});
  return *std::move(id);
}

std::shared_ptr<SearchContext> SearchContexts::find(std::string_view id, std::string_view owner,
                                                    std::optional<std::chrono::milliseconds> keep_alive) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.context->owner != owner) return nullptr;
  found->second.expires = clock_.steady_now() + keep_alive.value_or(found->second.context->keep_alive);
  return found->second.context;
}

bool SearchContexts::close(std::string_view id, std::string_view owner) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.context->owner != owner) return false;
  erase(found);
  return true;
}

std::size_t SearchContexts::close_all(std::string_view owner) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  std::size_t closed = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->second.context->owner == owner) erase(entry), ++closed;
    entry = next;
  }
  return closed;
}

void SearchContexts::drop_expired() {
  const auto now = clock_.steady_now();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->second.expires <= now) erase(entry);
    entry = next;
  }
}

void SearchContexts::erase(std::map<std::string, Entry, std::less<>>::iterator entry) {
  bytes_ -= entry->second.bytes;
  entries_.erase(entry);
}

}  // namespace iot::query
