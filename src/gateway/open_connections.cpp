#include "gateway/open_connections.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <boost/asio/post.hpp>

#include "access/identity.h"

namespace iot::gateway {

using registry::SubjectKind;

namespace {

constexpr std::size_t error_bytes_max = 256;
/// A loop tells so many connections in one go, and looks after its sockets in between.
constexpr std::size_t told_at_once = 256;

struct SubjectKey {
  SubjectKind kind;
  std::int64_t id;
  friend bool operator==(const SubjectKey&, const SubjectKey&) = default;
};

struct SubjectHash {
  std::size_t operator()(const SubjectKey& key) const noexcept {
    return std::hash<DeviceId>()(DeviceId{key.id}) ^ static_cast<std::size_t>(key.kind);
  }
};

bool is_current_version(std::uint64_t of_token, std::uint64_t of_subject) noexcept {
  return access::is_current({.audience = {}, .subject = {}, .key_version = of_token, .expires = {}}, of_subject);
}

/// At most `bytes_max` of the text, ending between two characters.
std::string_view cut(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

bool is_current(const Principal& principal, const registry::Snapshot& snapshot) noexcept {
  if (principal.certificate) return snapshot.certificates.find(*principal.certificate) == DeviceId{principal.id};
  const auto holds = [&](const auto* entry) {
    return entry && is_current_version(principal.key_version, entry->key_version);
  };
  switch (principal.kind) {
    case SubjectKind::device:
      return holds(snapshot.devices.find(DeviceId{principal.id}));
    case SubjectKind::consumer:
      return holds(snapshot.consumers.find(ConsumerId{principal.id}));
    case SubjectKind::user:
      return holds(snapshot.users.find(UserId{principal.id}));
  }
  return false;
}

std::string_view to_string(Protocol protocol) noexcept {
  switch (protocol) {
    case Protocol::mqtt:
      return "mqtt";
    case Protocol::websocket:
      return "websocket";
    case Protocol::http:
      return "http";
  }
  return "";
}

std::string_view to_string(WithdrawnReason reason) noexcept {
  switch (reason) {
    case WithdrawnReason::key_rotated:
      return "the key was rotated";
    case WithdrawnReason::certificate_removed:
      return "the certificate was removed";
    case WithdrawnReason::subject_removed:
      return "the device or consumer was removed";
  }
  return "";
}

OpenConnection::~OpenConnection() {
  assert(!is_entered());
}

/// One device or consumer. A device's stays when its connections have gone, for its presence.
struct OpenSubject {
  SubjectKey key;
  OpenConnection* first = nullptr;
  std::size_t count = 0;
  // Of requests, and of connections that have left.
  Timestamp seen = {};
  Protocol protocol = Protocol::http;
  std::string address = {};
  std::string error = {};
  Timestamp error_at = {};

  void saw(Timestamp at, Protocol by, std::string_view from) {
    if (at < seen) return;
    seen = at;
    protocol = by;
    address = from;
  }
  void link(OpenConnection& connection) noexcept {
    connection.next_ = first;
    if (first) first->previous_ = &connection;
    first = &connection;
    ++count;
  }
  void unlink(OpenConnection& connection) noexcept {
    (connection.previous_ ? connection.previous_->next_ : first) = connection.next_;
    if (connection.next_) connection.next_->previous_ = connection.previous_;
    connection.next_ = connection.previous_ = nullptr;
    --count;
  }
  void failed(std::string_view text, Timestamp at) {
    error = cut(text, error_bytes_max);
    error_at = at;
  }
  Presence presence() const;
};

struct OpenConnections::State : std::enable_shared_from_this<State> {
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<SubjectKey, std::unique_ptr<OpenSubject>, SubjectHash> subjects;

    OpenSubject* find(SubjectKey key) const {
      const auto found = subjects.find(key);
      return found == subjects.end() ? nullptr : found->second.get();
    }
    OpenSubject& get(SubjectKey key) {
      auto& subject = subjects[key];
      if (!subject) subject = std::make_unique<OpenSubject>(OpenSubject{.key = key});
      return *subject;
    }
  };

  struct alignas(64) Loop {
    boost::asio::any_io_executor executor;
    /// Taken after a shard's, never the other way round.
    std::mutex mutex;
    OpenConnection* first_to_tell = nullptr;
    bool is_woken = false;

    // Of the loop's own thread: which device was seen in which second.
    struct Seen {
      DeviceId device;
      std::int64_t second = -1;
    };
    std::array<Seen, 1024> seen;
  };

  State(registry::Registry& its_registry, std::vector<boost::asio::any_io_executor> executors, Metrics& metrics,
        OpenConnectionsLimits its_limits)
      : registry(its_registry),
        limits(its_limits),
        refused(metrics.counter("iotplatform_connections_refused_total",
                                "Connections of devices and consumers that were refused for a limit",
                                {{"limit", "gateway.connections_per_device_max"}})),
        withdrawn(metrics.counter("iotplatform_connections_withdrawn_total",
                                  "Connections that were ended because what they rest on was withdrawn")),
        loops(executors.size()) {
    for (std::size_t i = 0; i < executors.size(); ++i) loops[i].executor = std::move(executors[i]);
  }

  Shard& shard_of(SubjectKey key) noexcept { return shards[SubjectHash()(key) % shards.size()]; }

  void withdraw(const registry::Withdrawal& withdrawal);
  void end(const registry::RevokedKey& key);
  void mark_withdrawn(OpenConnection& connection, WithdrawnReason reason);
  void mark_grants(ConsumerId consumer);
  void mark(Loop& loop, OpenConnection& connection) noexcept;
  static void unmark(Loop& loop, OpenConnection& connection) noexcept;
  void wake(Loop& loop);
  void tell(Loop& loop);

  registry::Registry& registry;
  const OpenConnectionsLimits limits;
  Counter& refused;
  Counter& withdrawn;
  std::atomic<std::size_t> size{0};
  std::array<Shard, 64> shards;
  std::vector<Loop> loops;
};

Presence OpenSubject::presence() const {
  Presence presence{.connections = count,
                    .connected_since = {},
                    .last_seen = seen,
                    .protocol = protocol,
                    .address = address,
                    .last_error = error,
                    .last_error_at = error_at};
  for (const OpenConnection* each = first; each; each = each->next_) {
    presence.connected_since = std::min(presence.connected_since.value_or(timestamp_max), each->since_);
    const Timestamp seen_there{each->seen_ns_.load(std::memory_order_relaxed)};
    if (seen_there < presence.last_seen) continue;
    presence.last_seen = seen_there;
    presence.protocol = each->protocol_;
    presence.address = each->address_;
  }
  return presence;
}

void OpenConnections::State::withdraw(const registry::Withdrawal& withdrawal) {
  for (const auto& key : withdrawal.keys) end(key);
  for (const auto& removed : withdrawal.certificates) {
    const SubjectKey key{SubjectKind::device, removed.device.value};
    const std::lock_guard lock(shard_of(key).mutex);
    const OpenSubject* subject = shard_of(key).find(key);
    for (auto* each = subject ? subject->first : nullptr; each; each = each->next_) {
      if (each->principal_.certificate == removed.fingerprint) {
        mark_withdrawn(*each, WithdrawnReason::certificate_removed);
      }
    }
  }
  ConsumerId last{-1};
  for (const auto& grant : withdrawal.grants) {
    if (std::exchange(last, grant.consumer) != grant.consumer) mark_grants(grant.consumer);
  }
  for (Loop& loop : loops) wake(loop);
}

void OpenConnections::State::end(const registry::RevokedKey& revoked) {
  const SubjectKey key{revoked.kind, revoked.id};
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const OpenSubject* subject = shard.find(key);
  if (!subject) return;
  for (OpenConnection* each = subject->first; each; each = each->next_) {
    if (!revoked.key_version) {
      mark_withdrawn(*each, WithdrawnReason::subject_removed);
    } else if (!each->principal_.certificate &&
               !is_current_version(each->principal_.key_version, *revoked.key_version)) {
      mark_withdrawn(*each, WithdrawnReason::key_rotated);
    }
  }
  if (!revoked.key_version && !subject->first) shard.subjects.erase(key);
}

void OpenConnections::State::mark_withdrawn(OpenConnection& connection, WithdrawnReason reason) {
  Loop& loop = loops[connection.thread_index_];
  const std::lock_guard lock(loop.mutex);
  connection.withdrawn_ = reason;
  mark(loop, connection);
}

void OpenConnections::State::mark_grants(ConsumerId consumer) {
  const SubjectKey key{SubjectKind::consumer, consumer.value};
  const std::lock_guard lock(shard_of(key).mutex);
  const OpenSubject* subject = shard_of(key).find(key);
  for (auto* each = subject ? subject->first : nullptr; each; each = each->next_) {
    Loop& loop = loops[each->thread_index_];
    const std::lock_guard loop_lock(loop.mutex);
    each->grants_withdrawn_ = true;
    mark(loop, *each);
  }
}

void OpenConnections::State::mark(Loop& loop, OpenConnection& connection) noexcept {
  if (std::exchange(connection.is_to_be_told_, true)) return;
  connection.next_to_tell_ = loop.first_to_tell;
  if (loop.first_to_tell) loop.first_to_tell->previous_to_tell_ = &connection;
  loop.first_to_tell = &connection;
}

void OpenConnections::State::unmark(Loop& loop, OpenConnection& connection) noexcept {
  if (!std::exchange(connection.is_to_be_told_, false)) return;
  (connection.previous_to_tell_ ? connection.previous_to_tell_->next_to_tell_ : loop.first_to_tell) =
      connection.next_to_tell_;
  if (connection.next_to_tell_) connection.next_to_tell_->previous_to_tell_ = connection.previous_to_tell_;
  connection.next_to_tell_ = connection.previous_to_tell_ = nullptr;
}

void OpenConnections::State::wake(Loop& loop) {
  {
    const std::lock_guard lock(loop.mutex);
    if (!loop.first_to_tell || std::exchange(loop.is_woken, true)) return;
  }
  boost::asio::post(loop.executor, [self = shared_from_this(), &loop] { self->tell(loop); });
}

void OpenConnections::State::tell(Loop& loop) {
  for (std::size_t told = 0;; ++told) {
    OpenConnection* connection = nullptr;
    std::optional<WithdrawnReason> reason;
    {
      const std::lock_guard lock(loop.mutex);
      connection = loop.first_to_tell;
      if (!connection || told == told_at_once) {
        loop.is_woken = false;
        break;
      }
      unmark(loop, *connection);
      reason = std::exchange(connection->withdrawn_, {});
      connection->grants_withdrawn_ = false;
    }
    // Only this thread lets the connection leave, so it is still there.
    if (reason) {
      withdrawn.Increment();
      connection->on_withdrawn(*reason);
    } else {
      connection->on_grants_withdrawn();
    }
  }
  wake(loop);
}

OpenConnections::OpenConnections(registry::Registry& registry, std::vector<boost::asio::any_io_executor> executors,
                                 Metrics& metrics, OpenConnectionsLimits limits)
    : state_(std::make_shared<State>(registry, std::move(executors), metrics, limits)) {
  registry.on_withdrawal([state = state_](const registry::Withdrawal& withdrawal) { state->withdraw(withdrawal); });
}

OpenConnections::~OpenConnections() = default;

EnterRefusal OpenConnections::enter(OpenConnection& connection, std::size_t thread_index, const Principal& principal,
                                    Protocol protocol, std::string_view address, Timestamp now) {
  assert(!connection.is_entered());
  const SubjectKey key{principal.kind, principal.id};
  State::Shard& shard = state_->shard_of(key);
  {
    const std::lock_guard lock(shard.mutex);
    OpenSubject& subject = shard.get(key);
    if (subject.count >= state_->limits.connections_per_subject_max) {
      state_->refused.Increment();
      return EnterRefusal::too_many;
    }
    connection.principal_ = principal;
    connection.thread_index_ = static_cast<std::uint32_t>(thread_index);
    connection.protocol_ = protocol;
    connection.address_ = address;
    connection.since_ = now;
    connection.note_seen(now);
    connection.withdrawn_.reset();
    connection.grants_withdrawn_ = false;
    connection.subject_ = &subject;
    subject.link(connection);
  }
  ++state_->size;
  // A withdrawal before this moment is in the snapshot, a later one finds the connection.
  if (is_current(principal, *state_->registry.snapshot())) return EnterRefusal::none;
  leave(connection);
  return EnterRefusal::withdrawn;
}

void OpenConnections::leave(OpenConnection& connection) noexcept {
  if (!connection.is_entered()) return;
  const SubjectKey key = connection.subject_->key;
  State::Shard& shard = state_->shard_of(key);
  {
    const std::lock_guard lock(shard.mutex);
    OpenSubject& subject = *connection.subject_;
    subject.unlink(connection);
    State::Loop& loop = state_->loops[connection.thread_index_];
    {
      const std::lock_guard loop_lock(loop.mutex);
      State::unmark(loop, connection);
    }
    connection.subject_ = nullptr;
    subject.saw({connection.seen_ns_.load(std::memory_order_relaxed)}, connection.protocol_, connection.address_);
    // The presence of a device that is gone itself must not stay behind its last connection.
    const bool stays = key.kind == SubjectKind::device &&
                       (subject.first || state_->registry.snapshot()->devices.contains(DeviceId{key.id}));
    if (!stays && !subject.first) shard.subjects.erase(key);
  }
  --state_->size;
}

void OpenConnections::note_error(OpenConnection& connection, std::string_view text, Timestamp now) {
  assert(connection.is_entered());
  const std::lock_guard lock(state_->shard_of(connection.subject_->key).mutex);
  connection.subject_->failed(text, now);
}

void OpenConnections::note_request(std::size_t thread_index, DeviceId device, std::string_view address, Timestamp now) {
  auto& remembered = state_->loops[thread_index].seen;
  auto& seen = remembered[std::hash<DeviceId>()(device) % remembered.size()];
  const std::int64_t second = now.ns / 1'000'000'000;
  if (seen.device == device && seen.second == second) return;
  seen = {device, second};
  const SubjectKey key{SubjectKind::device, device.value};
  State::Shard& shard = state_->shard_of(key);
  const std::lock_guard lock(shard.mutex);
  shard.get(key).saw(now, Protocol::http, address);
}

void OpenConnections::note_request_error(DeviceId device, std::string_view text, Timestamp now) {
  const SubjectKey key{SubjectKind::device, device.value};
  State::Shard& shard = state_->shard_of(key);
  const std::lock_guard lock(shard.mutex);
  shard.get(key).failed(text, now);
}

std::optional<Presence> OpenConnections::presence(DeviceId device) const {
  const SubjectKey key{SubjectKind::device, device.value};
  const State::Shard& shard = state_->shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const OpenSubject* subject = shard.find(key);
  if (!subject) return {};
  return subject->presence();
}

void OpenConnections::each_device(const std::function<void(DeviceId, const Presence&)>& visit) const {
  for (const State::Shard& shard : state_->shards) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [key, subject] : shard.subjects) {
      if (key.kind == SubjectKind::device) visit(DeviceId{key.id}, subject->presence());
    }
  }
}

std::size_t OpenConnections::size() const noexcept {
  return state_->size.load(std::memory_order_relaxed);
}

}  // namespace iot::gateway
