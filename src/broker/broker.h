// The MQTT broker without its connections: sessions, subscriptions, routing, retained messages, wills (5.0
// sections 3.1.2, 3.3, 3.8, 4). Connections are in server_connection.h; who may do what, and what becomes of readings,
// is the gateway's.
//
// Thread-safe: one lock, held for the time of a look-up and a few appends; nobody waits for a disk or a socket under
// it. Outlets are called with the lock held, so they note what they are told and return.
//
// A session that may outlive its connection is in the session store. What must be durable before a client is told has a
// commit number; once SessionStore::durable() has reached it, committed() wakes the connections that wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "broker/message.h"
#include "broker/outbox.h"
#include "broker/records.h"
#include "broker/session_store.h"
#include "broker/statistics.h"
#include "mqtt/packet.h"
#include "mqtt/retained_tree.h"
#include "mqtt/subscription_tree.h"

namespace iot::broker {

struct Session;

/// What is one owner's.
struct OwnedSessions {
  std::vector<Session*> sessions;
  std::size_t queued_bytes = 0;
};

/// The first level of the topics of live readings.
inline constexpr std::string_view live_prefix = "readings/";

/// A session expiry interval that says "never" (5.0 section 3.1.2.11.2).
inline constexpr std::uint32_t expiry_never = 0xFFFF'FFFF;

struct BrokerLimits {
  /// How long a session outlives its connection at most; clients that ask for more are told.
  std::uint32_t session_s_max = 7 * 86'400;
  /// Of one session: messages on their way or waiting. Past it a new one is dropped, and counted.
  Outbox::Limits queue = {10'000, 16u << 20};
  /// Of the sessions of one owner together, and of all: one that hoards does not take the others' room.
  std::size_t queued_bytes_per_owner_max = 64u << 20;
  std::size_t queued_bytes_max = 256u << 20;
  /// A message older than this is dropped rather than sent.
  std::uint32_t queue_s_max = 7 * 86'400;
  std::size_t sessions_max = 1'000'000;
  std::size_t sessions_per_owner_max = 1'000;
  std::size_t subscriptions_per_session_max = 1'000;
  std::size_t subscriptions_max = 10'000'000;
  std::size_t retained_messages_max = 100'000;
  std::size_t retained_bytes_max = 64u << 20;
  /// Of topics with the same first level, which are one device's.
  std::size_t retained_messages_per_root_max = 10'000;
  /// How many names a new subscription may make us look at.
  std::size_t retained_steps_max = 200'000;
  /// What may wait for the disk; past it overloaded() is true and connections stop reading.
  std::size_t pending_bytes_max = 64u << 20;
};

/// A session's connection as the broker sees it.
class Outlet {
 public:
  /// There may be something to collect, or an acknowledgement has become due.
  virtual void wake() noexcept = 0;
  /// The session is not this connection's any more: another one has it, or it was ended. Say `reason` and close.
  virtual void lose_session(mqtt::ReasonCode reason) noexcept = 0;

 protected:
  ~Outlet() = default;
};

/// What a connection holds of its session. Stays harmless when the session is gone, or another connection's.
struct Attachment {
  mqtt::Subscriber slot{};
  SessionId id{};
  std::uint32_t connection = 0;
};

struct Opening {
  Owner owner;
  std::string_view client_id;
  bool clean_start = true;
  std::uint32_t expiry_s = 0;  ///< not more than session_s_max
  std::uint16_t in_flight_max = 20;
  std::optional<WillRecord> will = {};
};
struct Opened {
  /// Success, or why there is no session: quota_exceeded.
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  std::string_view reason_string = {};
  Attachment session = {};
  bool session_present = false;
};

/// How a connection ends.
enum class Ending : std::uint8_t {
  orderly,  ///< by DISCONNECT: the will is forgotten
  lost,     ///< in any other way: the will is due
};

/// What became of a publication.
struct Published {
  bool had_subscribers = false;
  bool retained_refused = false;  ///< there are too many retained messages
  std::uint64_t commit = 0;       ///< to be acknowledged once this is durable
};

struct SubscriptionRequest {
  std::string_view filter;  ///< a good one, with `$share/` if it is shared
  mqtt::Interest interest;
};
struct Subscribed {
  /// Over the session's limit or that of all: nothing changed.
  bool is_over_limit = false;
  /// The session is not the connection's any more: nothing changed, nothing is to be answered.
  bool is_lost = false;
  std::uint64_t commit = 0;
};

/// What a connection is to send next.
struct Collected {
  Outbox::Next::Kind kind = Outbox::Next::Kind::publish;
  MessagePtr message;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  bool duplicate = false;
  std::uint16_t packet_id = 0;
  SubscriptionIds subscription_ids;
};

/// What the client's PUBREL finds.
struct Released {
  enum class Kind : std::uint8_t {
    unknown,  ///< nothing: it was released before. PUBCOMP waits for the commit all the same
    lost,     ///< the session is not the connection's any more: nothing is to be answered
    routed,   ///< a message, which is on its way now
    taken,    ///< what the gateway had put there; forget_inbound() when it is done
  } kind = Kind::unknown;
  std::string taken = {};
  MessagePtr routed = {};
  std::uint64_t commit = 0;
};

/// A client as operators see it.
struct SessionInfo {
  Owner owner;
  std::string client_id;
  bool is_connected = false;
  std::optional<Timestamp> connected, disconnected;
  std::uint32_t expiry_s = 0;
  std::size_t subscriptions = 0;
  std::size_t queued_messages = 0, queued_bytes = 0, in_flight = 0;
  std::uint64_t dropped_full = 0;     ///< because a limit of BrokerLimits was reached
  std::uint64_t dropped_expired = 0;  ///< because they were too old
};

class Broker {
 public:
  /// Who may get this message; empty: everybody who subscribed.
  using MayReceive = std::function<bool(const Owner&)>;
  /// What is done with a will that is due, instead of routing it; true: it was done.
  using TakeWill = std::function<bool(const Owner&, const Message&)>;

  /// Reads what `store` (which must outlive the broker) has. Errors of the store.
  static Result<std::unique_ptr<Broker>> open(const BrokerLimits& limits, SessionStore& store, Timestamp now);
  ~Broker();
  Broker(const Broker&) = delete;

  /// Before the first connection.
  void set_take_will(TakeWill take_will) { take_will_ = std::move(take_will); }

  /// Finds or makes the client's session and gives it to this connection; one that had it loses it. None if there are
  /// too many sessions.
  Opened attach(const Opening& opening, Outlet& outlet, Timestamp now);
  /// The connection ends. `expiry_s` if DISCONNECT changed it.
  void detach(Attachment session, Outlet& outlet, Ending ending, std::optional<std::uint32_t> expiry_s, Timestamp now);

  /// Routes a message, and keeps it if it is to be retained. `from`: the session whose connection waits for the commit.
  Published publish(const MessageParts& parts, std::optional<Attachment> from, Timestamp now,
                    const MayReceive& may_receive = {});
  /// Whether anybody has subscribed to what takes this topic.
  bool is_wanted(std::string_view topic) const;
  /// How to ask for the last record of readings: subscriptions to `readings/...` begin behind it. Before the first
  /// connection.
  void set_last_record(std::function<std::uint64_t()> last_record) { last_record_ = std::move(last_record); }
  /// publish() for a reading on `readings/...`, for subscriptions made before its `record` was there. What sessions in
  /// the store get is stored together with `bookmark`: after a crash the platform goes on from there.
  void publish_live(const MessageParts& parts, std::uint64_t record, std::string_view bookmark, Timestamp now,
                    const MayReceive& may_receive);
  /// The last bookmark, of before the start too; empty: none.
  std::string bookmark() const;
  /// Subscriptions to `readings/...`. Any thread, without the lock.
  std::size_t live_subscriptions() const noexcept { return live_subscriptions_.load(std::memory_order_acquire); }
  /// While there are any: none of them takes this record or one before it. Any thread, without the lock.
  std::uint64_t live_since() const noexcept { return live_since_.load(std::memory_order_relaxed); }

  /// Gives a message to the connection of one session alone, whether it has subscribed or not; false if there is no
  /// connection or no room. That the client has it comes to the connection's application (Application::delivered). If
  /// the connection ends before, the message is forgotten, also by a session that stays: the caller sends it anew.
  bool send_to(Attachment session, const MessageParts& parts);
  /// Whether one of the session's subscriptions takes this topic, be it shared or not.
  bool is_subscribed(Attachment session, std::string_view topic) const;

  /// Adds or replaces one subscription; retained messages that it asks for are queued.
  Subscribed subscribe(Attachment session, const SubscriptionRequest& request, Timestamp now);
  /// Ends one; false if there is none. `commit` as in Subscribed, in both cases.
  bool unsubscribe(Attachment session, std::string_view filter, std::uint64_t& commit);

  /// Takes what the session's connection may send now: appends at most `count_max` to `out`, of about `bytes_max`.
  void collect(Attachment session, std::size_t count_max, std::size_t bytes_max, std::vector<Collected>& out,
               Timestamp now);
  struct Acknowledgement {
    Outbox::Acknowledged::Result result = Outbox::Acknowledged::Result::unknown;
    MessagePtr message;  ///< the one that is finished
    std::uint64_t commit = 0;
  };
  /// PUBACK, PUBREC or PUBCOMP of the client.
  Acknowledgement acknowledge(Attachment session, mqtt::PacketType type, std::uint16_t packet_id, bool failed);

  enum class Kept : std::uint8_t {
    as_new,
    as_before,  ///< it is there already, and stays what it was; maybe not on disk yet
    not_kept,   ///< over the limits of queues
    lost,       ///< the session is not the connection's any more: nothing is to be answered
  };
  /// A QoS 2 publication has come. Acknowledged (PUBREC) once `commit` is durable.
  Kept keep_inbound(Attachment session, std::uint16_t packet_id, std::variant<std::string, MessagePtr> content,
                    std::uint64_t& commit);
  bool has_inbound(Attachment session, std::uint16_t packet_id) const;
  std::size_t inbound_count(Attachment session) const;
  Released release_inbound(Attachment session, std::uint16_t packet_id, Timestamp now);
  /// The commit number that PUBCOMP waits for.
  std::uint64_t forget_inbound(Attachment session, std::uint16_t packet_id);

  /// Ends what is past its time: sessions, delays of wills. About once a second.
  void tick(Timestamp now);
  /// The store has made progress: wakes who waits for it. Any thread.
  void committed();
  std::uint64_t durable() const noexcept { return store_.durable(); }
  bool overloaded() const noexcept { return store_.pending_bytes() > limits_.pending_bytes_max; }

  /// Ends all sessions of an owner that is gone.
  void remove_owner(const Owner& owner);

  std::vector<SessionInfo> sessions(const Owner& owner) const;
  Statistics& statistics() noexcept { return statistics_; }
  BrokerCounts counts() const;
  const BrokerLimits& limits() const noexcept { return limits_; }

 private:
  using SessionMap = std::unordered_map<std::string, std::unique_ptr<Session>>;
  struct OwnerHash {
    std::size_t operator()(const Owner& owner) const noexcept {
      return std::hash<std::int64_t>{}(owner.id * 4 + static_cast<std::int64_t>(owner.kind));
    }
  };
  struct Target {
    Session* session;
    mqtt::Qos qos;
    bool retain;
    SubscriptionIds subscription_ids;
    std::uint32_t group = 0;
  };
  struct Loading;

  Broker(const BrokerLimits& limits, SessionStore& store);
  Result<void> load(Timestamp now);
  void restore(Loading& loading, Timestamp now);

  static std::string key_of(const Owner& owner, std::string_view client_id);
  /// The session, whichever connection it has.
  Session* find_any(Attachment session) const noexcept;
  /// The session if it is still this connection's: one that was taken over may act on for a moment.
  Session* find(Attachment session) const noexcept;
  Session* find(Attachment session, const Outlet& outlet) const noexcept;
  Session& make_session(SessionId id, const Owner& owner, std::string_view client_id);
  enum class Leaves : std::uint8_t { to_others, nothing };
  void end_session(Session& session, Leaves leaves = Leaves::to_others);
  /// What a session that ends had as a member of a group and has not acknowledged.
  struct Unfinished {
    MessagePtr message;
    std::uint32_t group;
  };
  static std::vector<Unfinished> unfinished_of_groups(const Session& session);
  /// Gives it to others of the group (5.0 section 4.8.2).
  void pass_on(const std::vector<Unfinished>& unfinished, const Owner& owner);
  /// Takes all of the session out of the store.
  void forget_stored(Session& session);
  void leave_connection(Session& session, Timestamp now);
  void schedule_end(Session& session, Timestamp now);
  void publish_will(Session& session, Timestamp now);

  /// Without write(): what led to the message is to be in the same commit.
  Published route(const MessagePtr& message, Timestamp now, const MayReceive& may_receive);
  /// `record` as in publish_live().
  void find_targets(const Message& message, const MayReceive& may_receive, std::uint64_t record = UINT64_MAX);
  Published deliver_to_targets(const MessagePtr& message);
  void add_target(Session& session, const Message& message, const mqtt::Interest& interest);
  void add_group_target(const mqtt::SubscriptionTree::Group& group, const Message& message,
                        const MayReceive& may_receive, std::uint64_t record);
  bool deliver(Session& session, const MessagePtr& message, mqtt::Qos qos, bool retain, SubscriptionIds ids,
               std::uint32_t group = 0);
  /// Whether this much more may wait for the session; counts the limit that is in the way.
  bool has_room(const Session& session, std::size_t bytes);
  void hold(Session& session, std::size_t bytes) noexcept;
  void let_go(Session& session, std::size_t bytes) noexcept;
  void retain(const MessagePtr& message, Published& published);
  /// In memory; false if there is no room.
  bool keep_retained(const MessagePtr& message);
  bool drop_retained(std::string_view topic);
  void send_retained(Session& session, const SubscriptionRequest& request, Timestamp now);
  void finish(Session& session, const Outgoing& outgoing);
  void erase_inbound(Session& session, std::uint16_t packet_id);
  bool is_too_old(const Message& message, Timestamp now) const noexcept;

  /// The commit number that the next write() gets.
  std::uint64_t next_commit() const noexcept { return commits_ + 1; }
  /// Writes what is in batch_, if anything is; the commit number or 0. The sessions noted by await() hear of it.
  std::uint64_t write();
  void await(const Session& session);
  /// The commit after which all that was done to the session so far is durable; its connection hears of it.
  std::uint64_t last_commit(const Session& session);

  const BrokerLimits limits_;
  SessionStore& store_;
  TakeWill take_will_;
  std::function<std::uint64_t()> last_record_;
  Statistics statistics_;

  mutable std::mutex mutex_;
  // Under the lock, all of it:
  SessionMap sessions_;
  std::unordered_map<Owner, OwnedSessions, OwnerHash> owners_;
  std::vector<Session*> slots_;
  std::vector<std::uint32_t> free_slots_;
  mqtt::SubscriptionTree tree_;
  mqtt::RetainedTree retained_names_;
  std::vector<MessagePtr> retained_;
  std::vector<std::uint32_t> free_retained_;
  std::size_t retained_count_ = 0;
  std::size_t retained_bytes_ = 0;
  std::unordered_map<std::string, std::size_t> retained_by_root_;
  std::size_t queued_bytes_ = 0;
  std::size_t connected_ = 0;
  std::size_t connected_most_ = 0;
  std::atomic<std::size_t> live_subscriptions_{0};
  std::atomic<std::uint64_t> live_since_{0};
  std::string bookmark_;
  std::uint64_t last_session_ = 0;
  std::uint64_t last_message_ = 0;
  /// Sessions that end and wills that are due, by time.
  std::multimap<Timestamp, Attachment> due_;
  std::vector<Target> targets_;
  std::uint64_t publication_ = 0;
  StoreBatch batch_;
  std::uint64_t commits_ = 0;
  std::vector<Attachment> awaiting_next_;
  /// By commit number, ascending.
  std::deque<std::pair<std::uint64_t, Attachment>> awaiting_;
};

}  // namespace iot::broker
