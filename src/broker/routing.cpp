// The broker's way of a message: who gets it, and into which queues it goes.
#include <algorithm>
#include <utility>

#include "broker/broker.h"
#include "broker/session.h"

namespace iot::broker {

namespace {

std::string root_of(std::string_view topic) {
  return std::string(topic.substr(0, topic.find('/')));
}

}  // namespace

Published Broker::publish(const MessageParts& parts, std::optional<Attachment> from, Timestamp now,
                          const MayReceive& may_receive) {
  const auto message = std::make_shared<Message>(parts);
  const std::scoped_lock lock(mutex_);
  Published published = route(message, now, may_receive);
  published.commit = write();
  if (from && published.commit > 0) awaiting_.emplace_back(published.commit, *from);
  return published;
}

Published Broker::route(const MessagePtr& message, Timestamp now, const MayReceive& may_receive) {
  Published published;
  if (message->retain) retain(message, published);
  targets_.clear();
  if (!message->is_expired(now)) find_targets(*message, may_receive);
  published.had_subscribers = deliver_to_targets(message).had_subscribers;
  return published;
}

void Broker::find_targets(const Message& message, const MayReceive& may_receive, std::uint64_t record) {
  ++publication_;
  struct Visitor {
    Broker& broker;
    const Message& message;
    const MayReceive& may_receive;
    std::uint64_t record;
    void subscription(mqtt::Subscriber subscriber, const mqtt::Interest& interest) {
      if (record <= interest.since) return;
      Session& session = *broker.slots_[static_cast<std::size_t>(subscriber)];
      if (may_receive && !may_receive(session.owner)) return;
      broker.add_target(session, message, interest);
    }
    void group(const mqtt::SubscriptionTree::Group& group) {
      broker.add_group_target(group, message, may_receive, record);
    }
  };
  tree_.match(message.topic(), Visitor{*this, message, may_receive, record});
}

Published Broker::deliver_to_targets(const MessagePtr& message) {
  Published published;
  for (Target& target : targets_) {
    published.had_subscribers = true;
    deliver(*target.session, message, target.qos, target.retain, std::move(target.subscription_ids), target.group);
  }
  if (message->stored_references > 0) batch_.put(message_key(message->stored_as), message_value(*message));
  return published;
}

bool Broker::is_wanted(std::string_view topic) const {
  struct Visitor {
    bool found = false;
    void subscription(mqtt::Subscriber, const mqtt::Interest&) { found = true; }
    void group(const mqtt::SubscriptionTree::Group&) { found = true; }
  } visitor;
  const std::scoped_lock lock(mutex_);
  tree_.match(topic, visitor);
  return visitor.found;
}

void Broker::publish_live(const MessageParts& parts, std::uint64_t record, std::string_view bookmark, Timestamp now,
                          const MayReceive& may_receive) {
  const auto message = std::make_shared<Message>(parts);
  const std::scoped_lock lock(mutex_);
  targets_.clear();
  if (!message->is_expired(now)) find_targets(*message, may_receive, record);
  deliver_to_targets(message);
  if (!batch_.empty()) {
    bookmark_ = bookmark;
    batch_.put(bookmark_key(), bookmark);
  }
  write();
}

std::string Broker::bookmark() const {
  const std::scoped_lock lock(mutex_);
  return bookmark_;
}

void Broker::add_target(Session& session, const Message& message, const mqtt::Interest& interest) {
  if (interest.options.no_local && message.publisher == session.id) return;
  const mqtt::Qos qos = std::min(interest.options.qos, message.qos);
  const bool retain = interest.options.retain_as_published && message.retain;
  if (session.matched_in != publication_) {
    session.matched_in = publication_;
    session.match_index = static_cast<std::uint32_t>(targets_.size());
    targets_.push_back({&session, qos, retain, {}});
  }
  Target& target = targets_[session.match_index];
  target.qos = std::max(target.qos, qos);
  target.retain |= retain;
  if (interest.identifier != 0) target.subscription_ids.push_back(interest.identifier);
}

void Broker::add_group_target(const mqtt::SubscriptionTree::Group& group, const Message& message,
                              const MayReceive& may_receive, std::uint64_t record) {
  // All members have one owner (filter_in_tree).
  if (may_receive && !may_receive(slots_[static_cast<std::size_t>(group.subscriber(0))]->owner)) return;
  const std::size_t begin = group.take_turn();
  const auto take = [&](bool connected_only) {
    for (std::size_t step = 0; step < group.size(); ++step) {
      const std::size_t index = (begin + step) % group.size();
      Session& session = *slots_[static_cast<std::size_t>(group.subscriber(index))];
      if (connected_only && (!session.outlet || !session.outbox.has_room(limits_.queue, message.memory_bytes()))) {
        continue;
      }
      const mqtt::Interest interest = group.interest(index);
      if (record <= interest.since) continue;
      Target target{&session,
                    std::min(interest.options.qos, message.qos),
                    interest.options.retain_as_published && message.retain,
                    {},
                    group.id()};
      if (interest.identifier != 0) target.subscription_ids.push_back(interest.identifier);
      targets_.push_back(std::move(target));
      return true;
    }
    return false;
  };
  // Who is there goes first; who is not gets it later.
  if (!take(true)) take(false);
}

std::vector<Broker::Unfinished> Broker::unfinished_of_groups(const Session& session) {
  std::vector<Unfinished> unfinished;
  session.outbox.each_kept([&](const Outgoing& outgoing) {
    // What may have arrived at QoS 2 must not be sent to anybody else.
    const bool may_be_another = outgoing.qos == mqtt::Qos::at_least_once || outgoing.stage == Outgoing::Stage::waiting;
    if (outgoing.group != 0 && may_be_another) unfinished.push_back({outgoing.message, outgoing.group});
  });
  return unfinished;
}

void Broker::pass_on(const std::vector<Unfinished>& unfinished, const Owner& owner) {
  struct Visitor {
    Broker& broker;
    const Message& message;
    std::uint32_t wanted;
    const Owner& owner;
    void subscription(mqtt::Subscriber, const mqtt::Interest&) {}
    void group(const mqtt::SubscriptionTree::Group& group) {
      if (group.id() != wanted) return;
      // The id of a group that has gone may be another one's by now.
      if (broker.slots_[static_cast<std::size_t>(group.subscriber(0))]->owner != owner) return;
      broker.add_group_target(group, message, {}, UINT64_MAX);
    }
  };
  for (const Unfinished& one : unfinished) {
    targets_.clear();
    tree_.match(one.message->topic(), Visitor{*this, *one.message, one.group, owner});
    deliver_to_targets(one.message);
  }
}

bool Broker::has_room(const Session& session, std::size_t bytes) {
  if (!session.outbox.has_room(limits_.queue, bytes)) {
    statistics_.reached(Limit::queue);
  } else if (session.owned->queued_bytes + bytes > limits_.queued_bytes_per_owner_max) {
    statistics_.reached(Limit::queued_bytes_per_owner);
  } else if (queued_bytes_ + bytes > limits_.queued_bytes_max) {
    statistics_.reached(Limit::queued_bytes);
  } else {
    return true;
  }
  return false;
}

void Broker::hold(Session& session, std::size_t bytes) noexcept {
  session.owned->queued_bytes += bytes;
  queued_bytes_ += bytes;
}

void Broker::let_go(Session& session, std::size_t bytes) noexcept {
  session.owned->queued_bytes -= bytes;
  queued_bytes_ -= bytes;
}

bool Broker::deliver(Session& session, const MessagePtr& message, mqtt::Qos qos, bool retain, SubscriptionIds ids,
                     std::uint32_t group) {
  // To a client that is away, QoS 0 means not at all.
  if (qos == mqtt::Qos::at_most_once && !session.outlet) return false;
  const std::size_t bytes = message->memory_bytes();
  if (!has_room(session, bytes)) {
    ++session.dropped_full;
    ++statistics_.dropped_full;
    return false;
  }
  Outgoing outgoing;
  outgoing.message = message;
  outgoing.qos = qos;
  outgoing.retain = retain;
  outgoing.subscription_ids = std::move(ids);
  outgoing.group = group;
  hold(session, bytes);
  if (!session.is_persistent || qos == mqtt::Qos::at_most_once) {
    session.outbox.put(std::move(outgoing));
  } else {
    if (message->stored_as == 0) message->stored_as = ++last_message_;
    ++message->stored_references;
    OutgoingRecord record{session.id, session.outbox.next_number(), message->stored_as, qos, retain,
                          false,      outgoing.subscription_ids};
    batch_.put(outgoing_key(session.id, record.number), outgoing_value(record));
    outgoing.commit = next_commit();
    session.outbox.put(std::move(outgoing));
    await(session);
  }
  if (session.outlet) session.outlet->wake();
  return true;
}

void Broker::retain(const MessagePtr& message, Published& published) {
  // The platform's own topics say how it is now.
  const bool is_stored = !message->topic().starts_with('$');
  if (message->payload().empty()) {
    if (drop_retained(message->topic()) && is_stored) batch_.erase(retained_key(message->topic()));
  } else if (keep_retained(message)) {
    if (is_stored) batch_.put(retained_key(message->topic()), message_value(*message));
  } else {
    published.retained_refused = true;
  }
}

bool Broker::drop_retained(std::string_view topic) {
  const auto place = retained_names_.erase(topic);
  if (!place) return false;
  retained_bytes_ -= retained_[*place]->memory_bytes();
  retained_[*place].reset();
  free_retained_.push_back(*place);
  --retained_count_;
  const auto root = retained_by_root_.find(root_of(topic));
  if (--root->second == 0) retained_by_root_.erase(root);
  return true;
}

bool Broker::keep_retained(const MessagePtr& message) {
  const auto known = retained_names_.find(message->topic());
  const std::size_t before = known ? retained_[*known]->memory_bytes() : 0;
  const auto is_full = [&](Limit limit) {
    statistics_.reached(limit);
    return false;
  };
  if (retained_bytes_ - before + message->memory_bytes() > limits_.retained_bytes_max) {
    return is_full(Limit::retained_bytes);
  }
  if (known) {
    retained_bytes_ += message->memory_bytes() - before;
    retained_[*known] = message;
    return true;
  }
  if (retained_count_ >= limits_.retained_messages_max) return is_full(Limit::retained_messages);
  // What the platform says itself ($SYS) is bounded anyway.
  std::string root = root_of(message->topic());
  const auto of_root = retained_by_root_.find(root);
  if (of_root != retained_by_root_.end() && of_root->second >= limits_.retained_messages_per_root_max) {
    return is_full(Limit::retained_messages_per_root);
  }
  retained_bytes_ += message->memory_bytes();
  ++retained_by_root_[std::move(root)];
  ++retained_count_;
  if (free_retained_.empty()) {
    retained_names_.set(message->topic(), static_cast<std::uint32_t>(retained_.size()));
    retained_.push_back(message);
  } else {
    retained_names_.set(message->topic(), free_retained_.back());
    retained_[free_retained_.back()] = message;
    free_retained_.pop_back();
  }
  return true;
}

void Broker::send_retained(Session& session, const SubscriptionRequest& request, Timestamp now) {
  const mqtt::RetainedTree::Limits limits{limits_.queue.messages_max, limits_.retained_steps_max};
  // Gathered first: a message may be shared with the store, and its record is written once.
  std::vector<MessagePtr> found;
  retained_names_.match(request.filter, limits, [&](std::uint32_t place) { found.push_back(retained_[place]); });
  for (const MessagePtr& message : found) {
    if (message->is_expired(now)) {
      if (drop_retained(message->topic())) batch_.erase(retained_key(message->topic()));
      continue;
    }
    SubscriptionIds ids;
    if (request.interest.identifier != 0) ids.push_back(request.interest.identifier);
    const bool was_stored = message->stored_references > 0;
    const mqtt::Qos qos = std::min(request.interest.options.qos, message->qos);
    deliver(session, message, qos, true, std::move(ids));
    if (!was_stored && message->stored_references > 0) {
      batch_.put(message_key(message->stored_as), message_value(*message));
    }
  }
}

bool Broker::is_too_old(const Message& message, Timestamp now) const noexcept {
  return message.is_expired(now) || now.ns - message.arrived.ns > std::int64_t{limits_.queue_s_max} * 1'000'000'000;
}

void Broker::collect(Attachment attachment, std::size_t count_max, std::size_t bytes_max, std::vector<Collected>& out,
                     Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return;
  const std::uint64_t durable = store_.durable();
  std::size_t bytes = 0;
  while (out.size() < count_max && bytes < bytes_max) {
    const auto next = session->outbox.next(durable, session->in_flight_max);
    if (!next) break;
    const Outgoing& outgoing = *next->outgoing;
    if (outgoing.stage == Outgoing::Stage::waiting && is_too_old(*outgoing.message, now)) {
      ++session->dropped_expired;
      ++statistics_.dropped_expired;
      const Outgoing dropped = session->outbox.drop(*next);
      let_go(*session, dropped.message->memory_bytes());
      if (dropped.number != 0) finish(*session, dropped);
      continue;
    }
    bytes += outgoing.message->payload().size();
    out.push_back({next->kind, outgoing.message, outgoing.qos, outgoing.retain, next->duplicate,
                   outgoing.number == 0 ? std::uint16_t{0} : packet_id_of(outgoing.number), outgoing.subscription_ids});
    if (!next->is_kept()) let_go(*session, outgoing.message->memory_bytes());
    session->outbox.sent(*next);
  }
  write();
}

Broker::Acknowledgement Broker::acknowledge(Attachment attachment, mqtt::PacketType type, std::uint16_t packet_id,
                                            bool failed) {
  using Result = Outbox::Acknowledged::Result;
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session) return {};
  auto acknowledged = session->outbox.acknowledge(type, packet_id, failed);
  Acknowledgement answer{acknowledged.result, std::move(acknowledged.finished.message), 0};
  if (answer.result == Result::finished) {
    let_go(*session, answer.message->memory_bytes());
    acknowledged.finished.message = answer.message;
    finish(*session, acknowledged.finished);
    write();
    // The window has moved.
    if (!session->outbox.empty() && session->outlet) session->outlet->wake();
  } else if (answer.result == Result::released && session->is_persistent &&
             session->outbox.at(packet_id).message->stored_references > 0) {
    // PUBREL may make the client forget the id: before that we must remember that it has the message.
    const Outgoing& outgoing = session->outbox.at(packet_id);
    const OutgoingRecord record{
        session->id, outgoing.number,          outgoing.message->stored_as, outgoing.qos, outgoing.retain,
        true,        outgoing.subscription_ids};
    batch_.put(outgoing_key(session->id, record.number), outgoing_value(record));
    await(*session);
    session->outbox.commit_release(packet_id, next_commit());
    answer.commit = write();
  }
  return answer;
}

/// What the store has of a message that is done.
void Broker::finish(Session& session, const Outgoing& outgoing) {
  Message& message = *outgoing.message;
  if (!session.is_persistent || message.stored_references == 0) return;
  batch_.erase(outgoing_key(session.id, outgoing.number));
  if (--message.stored_references > 0) return;
  batch_.erase(message_key(message.stored_as));
  message.stored_as = 0;
}

}  // namespace iot::broker
