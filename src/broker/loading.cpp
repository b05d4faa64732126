// A broker made anew from what the session store has.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/logging.h"
#include "broker/broker.h"
#include "broker/session.h"

namespace iot::broker {

/// Records by kind: they come in the order of their keys, which is not the order in which they need each other.
struct Broker::Loading {
  std::vector<SessionRecord> sessions;
  std::vector<SubscriptionRecord> subscriptions;
  std::unordered_map<std::uint64_t, MessagePtr> messages;
  std::vector<OutgoingRecord> outgoing;
  std::vector<InboundRecord> inbound;
  std::vector<RetainedRecord> retained;
  std::string bookmark;
  std::unordered_map<std::uint64_t, Session*> by_id;
  std::vector<Session*> were_connected;
  std::size_t unreadable = 0;

  void take(StoredRecord&& record) {
    std::visit(
        [this]<class Record>(Record&& one) {
          using Kind = std::remove_cvref_t<Record>;
          if constexpr (std::is_same_v<Kind, SessionRecord>) sessions.push_back(std::move(one));
          if constexpr (std::is_same_v<Kind, SubscriptionRecord>) subscriptions.push_back(std::move(one));
          if constexpr (std::is_same_v<Kind, MessageRecord>) messages.emplace(one.number, std::move(one.message));
          if constexpr (std::is_same_v<Kind, OutgoingRecord>) outgoing.push_back(std::move(one));
          if constexpr (std::is_same_v<Kind, InboundRecord>) inbound.push_back(std::move(one));
          if constexpr (std::is_same_v<Kind, RetainedRecord>) retained.push_back(std::move(one));
          if constexpr (std::is_same_v<Kind, BookmarkRecord>) bookmark = std::move(one.bookmark);
        },
        std::move(record));
  }

  Session* session(SessionId id) const {
    const auto found = by_id.find(static_cast<std::uint64_t>(id));
    return found == by_id.end() ? nullptr : found->second;
  }
};

Result<std::unique_ptr<Broker>> Broker::open(const BrokerLimits& limits, SessionStore& store, Timestamp now) {
  std::unique_ptr<Broker> broker(new Broker(limits, store));
  IOT_CHECK(broker->load(now));
  return broker;
}

Result<void> Broker::load(Timestamp now) {
  Loading loading;
  IOT_CHECK(store_.load([&](std::string_view key, std::string_view value) {
    if (auto record = read_record(key, value)) {
      loading.take(std::move(*record));
    } else {
      ++loading.unreadable;
    }
  }));
  if (loading.unreadable > 0) {
    log_error("records of MQTT sessions cannot be read and are passed over", {{"records", loading.unreadable}});
  }
  const std::scoped_lock lock(mutex_);
  restore(loading, now);
  write();
  return {};
}

void Broker::restore(Loading& loading, Timestamp now) {
  for (SessionRecord& record : loading.sessions) {
    Session& session = make_session(record.id, record.owner, record.client_id);
    last_session_ = std::max(last_session_, static_cast<std::uint64_t>(record.id));
    session.is_persistent = true;
    session.expiry_s = record.expiry_s;
    session.outbox.continue_from(record.next_number);
    if (record.will) session.will = std::make_unique<WillRecord>(std::move(*record.will));
    // One that was connected lost its connection with the server: how long ago is not known.
    const bool was_connected = !record.disconnected;
    session.disconnected = was_connected ? now : *record.disconnected;
    session.outbox.set_sent_through(record.sent_through);
    if (was_connected) loading.were_connected.push_back(&session);
    schedule_end(session, *session.disconnected);
    loading.by_id.emplace(static_cast<std::uint64_t>(session.id), &session);
  }
  for (const SubscriptionRecord& record : loading.subscriptions) {
    Session* const session = loading.session(record.session);
    if (!session) {
      batch_.erase(subscription_key(record.session, record.filter));
      continue;
    }
    tree_.add(session->slot, filter_in_tree(session->owner, record.filter), record.interest);
    ++session->subscriptions;
    if (!is_live(record.filter)) continue;
    live_since_ =
        live_subscriptions_ == 0 ? record.interest.since : std::min(live_since_.load(), record.interest.since);
    ++live_subscriptions_;
  }
  for (auto& [number, message] : loading.messages) {
    message->stored_as = number;
    last_message_ = std::max(last_message_, number);
  }
  for (OutgoingRecord& record : loading.outgoing) {
    Session* const session = loading.session(record.session);
    const auto message = loading.messages.find(record.message);
    if (!session || message == loading.messages.end()) {
      batch_.erase(outgoing_key(record.session, record.number));
      continue;
    }
    ++message->second->stored_references;
    hold(*session, message->second->memory_bytes());
    Outgoing outgoing;
    outgoing.message = message->second;
    outgoing.number = record.number;
    outgoing.qos = record.qos;
    outgoing.retain = record.retain;
    outgoing.subscription_ids = std::move(record.subscription_ids);
    session->outbox.restore(std::move(outgoing), record.is_released);
  }
  for (Session* const session : loading.were_connected) {
    session->outbox.assume_all_sent();
    batch_.put(session_key(session->id), session_value(session->record()));
  }
  for (const auto& [number, message] : loading.messages) {
    if (message->stored_references == 0) batch_.erase(message_key(number));
  }
  for (InboundRecord& record : loading.inbound) {
    Session* const session = loading.session(record.session);
    if (session) {
      session->inbound_bytes += bytes_of(record.content);
      hold(*session, bytes_of(record.content));
      session->inbound.emplace_back(record.packet_id, std::move(record.content));
    } else {
      batch_.erase(inbound_key(record.session, record.packet_id));
    }
  }
  bookmark_ = std::move(loading.bookmark);
  std::size_t too_many = 0;
  for (const RetainedRecord& record : loading.retained) {
    if (!record.message->is_expired(now) && keep_retained(record.message)) continue;
    too_many += !record.message->is_expired(now);
    batch_.erase(retained_key(record.message->topic()));
  }
  if (too_many > 0) log_warning("retained messages were removed: the limits are lower now", {{"messages", too_many}});
}

}  // namespace iot::broker
