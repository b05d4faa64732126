// What the broker knows of one client. Belongs to the broker's lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/broker.h"
#include "broker/outbox.h"
#include "broker/records.h"

namespace iot::broker {

/// What a QoS 2 publication takes until it is released: the same whenever it is asked, as a string's capacity is not
/// when the string is moved.
inline std::size_t bytes_of(const std::variant<std::string, MessagePtr>& content) noexcept {
  if (const auto* taken = std::get_if<std::string>(&content)) return taken->size() + sizeof(std::string);
  return std::get<MessagePtr>(content)->memory_bytes();
}

/// The filter as the tree has it: a group of a shared subscription is one owner's, whatever others call theirs. The
/// owner comes last, so that the way back is clear.
inline std::string filter_in_tree(const Owner& owner, std::string_view filter) {
  const mqtt::FilterParts parts = mqtt::split_filter(filter);
  if (!parts.is_shared()) return std::string(filter);
  std::string scoped("$share/");
  scoped.append(parts.group).append(1, ':').append(1, static_cast<char>('0' + static_cast<int>(owner.kind)));
  scoped.append(std::to_string(owner.id)).append(1, '/').append(parts.filter);
  return scoped;
}

/// The filter as the client gave it.
inline std::string filter_of_client(std::string_view in_tree) {
  const mqtt::FilterParts parts = mqtt::split_filter(in_tree);
  if (!parts.is_shared()) return std::string(in_tree);
  std::string filter("$share/");
  filter.append(parts.group.substr(0, parts.group.rfind(':'))).append(1, '/').append(parts.filter);
  return filter;
}

/// Whether a filter (shared or not) is one of live readings.
inline bool is_live(std::string_view filter) noexcept {
  return mqtt::split_filter(filter).filter.starts_with(live_prefix);
}

struct Session {
  SessionId id{};
  mqtt::Subscriber slot{};
  Owner owner;
  std::string client_id;
  /// Seconds that it outlives its connection; 0: not at all, expiry_never: until it is removed.
  std::uint32_t expiry_s = 0;
  /// Among them it is one.
  OwnedSessions* owned = nullptr;
  std::size_t owned_index = 0;
  /// Is in the store: it may outlive its connection, so what happens to it is durable.
  bool is_persistent = false;
  /// The connection; null while the client is away.
  Outlet* outlet = nullptr;
  /// Counts connections: what an earlier one still wants to do with the session is nothing.
  std::uint32_t connection = 0;
  std::uint16_t in_flight_max = 0;
  std::uint32_t subscriptions = 0;
  std::optional<Timestamp> connected;
  std::optional<Timestamp> disconnected;
  std::unique_ptr<WillRecord> will;
  Outbox outbox;
  /// QoS 2 publications between PUBLISH and PUBREL, few at a time.
  std::vector<std::pair<std::uint16_t, std::variant<std::string, MessagePtr>>> inbound;
  std::size_t inbound_bytes = 0;

  std::uint64_t dropped_full = 0;
  std::uint64_t dropped_expired = 0;

  /// The place of this session among the targets of the publication with this number: several of its subscriptions may
  /// match, and it gets one message.
  std::uint64_t matched_in = 0;
  std::uint32_t match_index = 0;

  SessionRecord record() const {
    SessionRecord record{id, owner, client_id, expiry_s, outbox.next_number(), outbox.sent_through(), disconnected, {}};
    if (will) record.will = *will;
    return record;
  }
};

}  // namespace iot::broker
