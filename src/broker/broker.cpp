#include "broker/broker.h"

#include <algorithm>
#include <utility>

#include <boost/assert.hpp>

#include "broker/session.h"

namespace iot::broker {

namespace {

Timestamp after(Timestamp now, std::uint32_t seconds) noexcept {
  return {now.ns + std::int64_t{seconds} * 1'000'000'000};
}

}  // namespace

Broker::Broker(const BrokerLimits& limits, SessionStore& store) : limits_(limits), store_(store) {}

Broker::~Broker() = default;

std::string Broker::key_of(const Owner& owner, std::string_view client_id) {
  std::string key(1, static_cast<char>(owner.kind));
  put_fixed(key, owner.id);
  return key.append(client_id);
}

Session* Broker::find_any(Attachment session) const noexcept {
  const auto slot = static_cast<std::size_t>(session.slot);
  if (slot >= slots_.size() || !slots_[slot] || slots_[slot]->id != session.id) return nullptr;
  return slots_[slot];
}

Session* Broker::find(Attachment session) const noexcept {
  Session* const found = find_any(session);
  return found && found->connection == session.connection ? found : nullptr;
}

Session* Broker::find(Attachment session, const Outlet& outlet) const noexcept {
  Session* const found = find(session);
  return found && found->outlet == &outlet ? found : nullptr;
}

Session& Broker::make_session(SessionId id, const Owner& owner, std::string_view client_id) {
  auto session = std::make_unique<Session>();
  session->id = id;
  session->owner = owner;
  session->client_id = client_id;
  if (free_slots_.empty()) {
    session->slot = mqtt::Subscriber{static_cast<std::uint32_t>(slots_.size())};
    slots_.push_back(session.get());
  } else {
    session->slot = mqtt::Subscriber{free_slots_.back()};
    free_slots_.pop_back();
    slots_[static_cast<std::size_t>(session->slot)] = session.get();
  }
  Session& made = *session;
  made.owned = &owners_[owner];
  made.owned_index = made.owned->sessions.size();
  made.owned->sessions.push_back(&made);
  sessions_[key_of(owner, client_id)] = std::move(session);
  return made;
}

Opened Broker::attach(const Opening& opening, Outlet& outlet, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(key_of(opening.owner, opening.client_id));
  Session* session = found == sessions_.end() ? nullptr : found->second.get();
  if (session && session->outlet) {
    ++statistics_.sessions_taken_over;
    session->outlet->lose_session(mqtt::ReasonCode::session_taken_over);
    leave_connection(*session, now);
    // A will with a delay is not published when the client is back in time (5.0 section 3.1.3.2.2); one without is due
    // now, whoever takes over; and so is any if the session ends.
    const bool ends = opening.clean_start || session->expiry_s == 0;
    if (session->will && (session->will->delay_s == 0 || ends)) publish_will(*session, now);
    session->will.reset();
  }
  if (session && (opening.clean_start || session->expiry_s == 0)) {
    if (session->will) publish_will(*session, now);
    end_session(*session);
    session = nullptr;
  }
  Opened opened;
  opened.session_present = session != nullptr;
  if (!session) {
    const auto refuse = [&](Limit limit, std::string_view reason) {
      statistics_.reached(limit);
      write();
      return Opened{.reason = mqtt::ReasonCode::quota_exceeded, .reason_string = reason};
    };
    if (sessions_.size() >= limits_.sessions_max) return refuse(Limit::sessions, "the server has too many sessions");
    const auto owned = owners_.find(opening.owner);
    if (owned != owners_.end() && owned->second.sessions.size() >= limits_.sessions_per_owner_max) {
      return refuse(Limit::sessions_per_owner, "there are too many sessions of this device or consumer");
    }
    session = &make_session(SessionId{++last_session_}, opening.owner, opening.client_id);
  }
  session->outlet = &outlet;
  session->expiry_s = std::min(opening.expiry_s, limits_.session_s_max);
  session->in_flight_max = std::max<std::uint16_t>(opening.in_flight_max, 1);
  session->connected = now;
  session->disconnected.reset();
  session->will = opening.will ? std::make_unique<WillRecord>(*opening.will) : nullptr;
  connected_most_ = std::max(connected_most_, ++connected_);
  // One that from now on ends with its connection need not be found again.
  if (session->is_persistent && session->expiry_s == 0) forget_stored(*session);
  session->is_persistent = session->expiry_s > 0;
  if (session->is_persistent) batch_.put(session_key(session->id), session_value(session->record()));
  opened.session = {session->slot, session->id, ++session->connection};
  write();
  if (!session->outbox.empty()) outlet.wake();
  return opened;
}

void Broker::leave_connection(Session& session, Timestamp now) {
  session.outlet = nullptr;
  session.disconnected = now;
  --connected_;
  const std::size_t before = session.outbox.bytes();
  session.outbox.reset();
  let_go(session, before - session.outbox.bytes());
}

void Broker::detach(Attachment attachment, Outlet& outlet, Ending ending, std::optional<std::uint32_t> expiry_s,
                    Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment, outlet);
  if (!session) return;
  leave_connection(*session, now);
  if (expiry_s) session->expiry_s = std::min(*expiry_s, limits_.session_s_max);
  if (ending == Ending::orderly) session->will.reset();
  // The will is published when its delay is over or the session ends, whichever is first.
  if (session->will && (session->will->delay_s == 0 || session->expiry_s == 0)) publish_will(*session, now);
  if (session->expiry_s == 0) {
    end_session(*session);
  } else {
    if (session->is_persistent) batch_.put(session_key(session->id), session_value(session->record()));
    schedule_end(*session, now);
  }
  write();
}

void Broker::schedule_end(Session& session, Timestamp now) {
  const Attachment attachment{session.slot, session.id, session.connection};
  if (session.will) due_.emplace(after(now, session.will->delay_s), attachment);
  if (session.expiry_s != expiry_never) due_.emplace(after(now, session.expiry_s), attachment);
}

void Broker::forget_stored(Session& session) {
  batch_.erase(session_key(session.id));
  tree_.each(session.slot, [&](const std::string& filter, const mqtt::Interest&) {
    batch_.erase(subscription_key(session.id, filter_of_client(filter)));
  });
  session.outbox.each_kept([&](const Outgoing& outgoing) { finish(session, outgoing); });
  for (const auto& [packet_id, content] : session.inbound) batch_.erase(inbound_key(session.id, packet_id));
}

void Broker::end_session(Session& session, Leaves leaves) {
  const Owner owner = session.owner;
  std::vector<Unfinished> unfinished;
  if (leaves == Leaves::to_others) unfinished = unfinished_of_groups(session);
  if (session.is_persistent) forget_stored(session);
  let_go(session, session.outbox.bytes() + session.inbound_bytes);
  tree_.each(session.slot,
             [&](const std::string& filter, const mqtt::Interest&) { live_subscriptions_ -= is_live(filter); });
  tree_.remove_all(session.slot);
  if (session.outlet) --connected_;
  slots_[static_cast<std::size_t>(session.slot)] = nullptr;
  free_slots_.push_back(static_cast<std::uint32_t>(session.slot));
  std::vector<Session*>& fellows = session.owned->sessions;
  fellows[session.owned_index] = fellows.back();
  fellows.back()->owned_index = session.owned_index;
  fellows.pop_back();
  if (fellows.empty()) owners_.erase(session.owner);
  sessions_.erase(key_of(session.owner, session.client_id));
  pass_on(unfinished, owner);
}

void Broker::publish_will(Session& session, Timestamp now) {
  const std::unique_ptr<WillRecord> will = std::move(session.will);
  MessageParts parts{will->topic, will->payload, will->properties, will->qos, will->retain, session.id, now, {}};
  if (will->message_expiry_s) parts.expires = after(now, *will->message_expiry_s);
  const auto message = std::make_shared<Message>(parts);
  if (take_will_ && take_will_(session.owner, *message)) return;
  route(message, now, {});
}

void Broker::tick(Timestamp now) {
  const std::scoped_lock lock(mutex_);
  while (!due_.empty() && due_.begin()->first <= now) {
    const Attachment attachment = due_.begin()->second;
    due_.erase(due_.begin());
    Session* const session = find_any(attachment);
    if (!session || session->outlet || !session->disconnected) continue;
    const bool is_over = session->expiry_s != expiry_never && after(*session->disconnected, session->expiry_s) <= now;
    const bool will_is_due = session->will && (is_over || after(*session->disconnected, session->will->delay_s) <= now);
    if (will_is_due) {
      publish_will(*session, now);
      if (!is_over) batch_.put(session_key(session->id), session_value(session->record()));
    }
    if (!is_over) continue;
    ++statistics_.sessions_expired;
    end_session(*session);
  }
  write();
}

void Broker::remove_owner(const Owner& owner) {
  const std::scoped_lock lock(mutex_);
  const auto owned = owners_.find(owner);
  if (owned == owners_.end()) return;
  const std::vector<Session*> gone = owned->second.sessions;
  for (Session* const session : gone) {
    if (session->outlet) session->outlet->lose_session(mqtt::ReasonCode::not_authorized);
    // The others of its groups are the owner's too.
    end_session(*session, Leaves::nothing);
  }
  write();
}

Subscribed Broker::subscribe(Attachment attachment, const SubscriptionRequest& request, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return {.is_lost = true};
  const std::string in_tree = filter_in_tree(session->owner, request.filter);
  const auto before = tree_.find(session->slot, in_tree);
  const bool is_new = !before;
  if (is_new && session->subscriptions >= limits_.subscriptions_per_session_max) {
    statistics_.reached(Limit::subscriptions_per_session);
    return {.is_over_limit = true};
  }
  if (is_new && tree_.size() >= limits_.subscriptions_max) {
    statistics_.reached(Limit::subscriptions);
    return {.is_over_limit = true};
  }
  mqtt::Interest interest = request.interest;
  if (before) {
    // Subscribing again is no reason to lose what is on its way.
    interest.since = before->since;
  } else if (is_live(request.filter)) {
    if (last_record_) interest.since = last_record_();
    // Who sees the count sees this too.
    if (live_subscriptions_ == 0) live_since_ = interest.since;
    ++live_subscriptions_;
  }
  tree_.add(session->slot, in_tree, interest);
  session->subscriptions += is_new;
  if (session->is_persistent) {
    batch_.put(subscription_key(session->id, request.filter), subscription_value(interest));
    await(*session);
  }
  const auto handling = request.interest.options.retain_handling;
  const bool wants_retained =
      handling == mqtt::RetainHandling::send || (handling == mqtt::RetainHandling::send_if_new && is_new);
  if (wants_retained && !mqtt::split_filter(request.filter).is_shared()) send_retained(*session, request, now);
  return {.commit = write()};
}

bool Broker::unsubscribe(Attachment attachment, std::string_view filter, std::uint64_t& commit) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return false;
  if (!tree_.remove(session->slot, filter_in_tree(session->owner, filter))) {
    commit = last_commit(*session);
    return false;
  }
  --session->subscriptions;
  live_subscriptions_ -= is_live(filter);
  if (session->is_persistent) {
    batch_.erase(subscription_key(session->id, filter));
    await(*session);
  }
  commit = write();
  return true;
}

Broker::Kept Broker::keep_inbound(Attachment attachment, std::uint16_t packet_id,
                                  std::variant<std::string, MessagePtr> content, std::uint64_t& commit) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return Kept::lost;
  for (const auto& [known, ignored] : session->inbound) {
    if (known != packet_id) continue;
    commit = last_commit(*session);
    return Kept::as_before;
  }
  const std::size_t bytes = bytes_of(content);
  if (session->inbound_bytes + bytes > limits_.queue.bytes_max) {
    statistics_.reached(Limit::queue);
    return Kept::not_kept;
  }
  if (!has_room(*session, bytes)) return Kept::not_kept;
  session->inbound_bytes += bytes;
  hold(*session, bytes);
  if (session->is_persistent) {
    batch_.put(inbound_key(session->id, packet_id), inbound_value(content));
    await(*session);
  }
  session->inbound.emplace_back(packet_id, std::move(content));
  commit = write();
  return Kept::as_new;
}

void Broker::erase_inbound(Session& session, std::uint16_t packet_id) {
  const auto found = std::ranges::find_if(session.inbound, [&](const auto& one) { return one.first == packet_id; });
  if (found == session.inbound.end()) return;
  const std::size_t bytes = bytes_of(found->second);
  session.inbound_bytes -= bytes;
  let_go(session, bytes);
  session.inbound.erase(found);
  if (session.inbound.empty()) session.inbound.shrink_to_fit();
  if (!session.is_persistent) return;
  batch_.erase(inbound_key(session.id, packet_id));
  await(session);
}

bool Broker::has_inbound(Attachment attachment, std::uint16_t packet_id) const {
  const std::scoped_lock lock(mutex_);
  const Session* const session = find(attachment);
  return session && std::ranges::any_of(session->inbound, [&](const auto& one) { return one.first == packet_id; });
}

std::size_t Broker::inbound_count(Attachment attachment) const {
  const std::scoped_lock lock(mutex_);
  const Session* const session = find(attachment);
  return session ? session->inbound.size() : 0;
}

Released Broker::release_inbound(Attachment attachment, std::uint16_t packet_id, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return {.kind = Released::Kind::lost};
  const auto found = std::ranges::find_if(session->inbound, [&](const auto& one) { return one.first == packet_id; });
  // Released before, maybe on an earlier connection and not durably yet.
  if (found == session->inbound.end()) return {.commit = last_commit(*session)};
  if (const auto* taken = std::get_if<std::string>(&found->second)) return {Released::Kind::taken, *taken, {}, 0};
  const MessagePtr message = std::get<MessagePtr>(found->second);
  // In one batch with the messages that it becomes: after a crash it is either there or routed.
  erase_inbound(*session, packet_id);
  route(message, now, {});
  const std::uint64_t commit = write();
  if (commit > 0) awaiting_.emplace_back(commit, attachment);
  return {Released::Kind::routed, {}, message, commit};
}

std::uint64_t Broker::forget_inbound(Attachment attachment, std::uint16_t packet_id) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return 0;
  erase_inbound(*session, packet_id);
  return write();
}

void Broker::await(const Session& session) {
  awaiting_next_.push_back({session.slot, session.id, session.connection});
}

std::uint64_t Broker::last_commit(const Session& session) {
  if (!session.is_persistent || store_.durable() >= commits_) return 0;
  awaiting_.emplace_back(commits_, Attachment{session.slot, session.id, session.connection});
  return commits_;
}

std::uint64_t Broker::write() {
  if (batch_.empty()) return 0;
  store_.write(batch_);
  batch_.clear();
  ++commits_;
  for (const Attachment& waiting : awaiting_next_) awaiting_.emplace_back(commits_, waiting);
  awaiting_next_.clear();
  return commits_;
}

void Broker::committed() {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t durable = store_.durable();
  while (!awaiting_.empty() && awaiting_.front().first <= durable) {
    if (Session* const session = find_any(awaiting_.front().second); session && session->outlet)
      session->outlet->wake();
    awaiting_.pop_front();
  }
}

std::vector<SessionInfo> Broker::sessions(const Owner& owner) const {
  const std::scoped_lock lock(mutex_);
  std::vector<SessionInfo> found;
  const auto owned = owners_.find(owner);
  if (owned == owners_.end()) return found;
  for (const Session* const session : owned->second.sessions) {
    found.push_back({session->owner, session->client_id, session->outlet != nullptr, session->connected,
                     session->disconnected, session->expiry_s, session->subscriptions, session->outbox.messages(),
                     session->outbox.bytes(), session->outbox.in_flight(), session->dropped_full,
                     session->dropped_expired});
  }
  std::ranges::sort(found, {}, &SessionInfo::client_id);
  return found;
}

BrokerCounts Broker::counts() const {
  const std::scoped_lock lock(mutex_);
  BrokerCounts counts;
  counts.sessions = sessions_.size();
  counts.connected = connected_;
  counts.connected_most = connected_most_;
  counts.subscriptions = tree_.size();
  counts.retained = retained_count_;
  counts.retained_bytes = retained_bytes_;
  counts.queued_bytes = queued_bytes_;
  return counts;
}

}  // namespace iot::broker
