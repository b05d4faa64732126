// Messages of the platform to one connection, past the subscriptions: commands to devices.
#include "broker/broker.h"
#include "broker/session.h"

namespace iot::broker {

bool Broker::send_to(Attachment attachment, const MessageParts& parts) {
  Outgoing outgoing;
  outgoing.message = std::make_shared<Message>(parts);
  outgoing.qos = parts.qos;
  outgoing.ends_with_connection = true;
  const std::size_t bytes = outgoing.message->memory_bytes();
  const std::scoped_lock lock(mutex_);
  Session* const session = find(attachment);
  if (!session || !session->outlet) return false;
  if (!has_room(*session, bytes)) return false;
  hold(*session, bytes);
  session->outbox.put(std::move(outgoing));
  session->outlet->wake();
  return true;
}

bool Broker::is_subscribed(Attachment attachment, std::string_view topic) const {
  const std::scoped_lock lock(mutex_);
  const Session* const session = find(attachment);
  if (!session) return false;
  bool found = false;
  tree_.each(session->slot, [&](const std::string& filter, const mqtt::Interest&) {
    found = found || mqtt::topic_matches(mqtt::split_filter(filter).filter, topic);
  });
  return found;
}

}  // namespace iot::broker
