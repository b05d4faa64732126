// The open connections of devices and consumers over all protocols that keep one (MQTT, WebSocket): how many each has,
// and that they end when what they rest on is withdrawn. It also is where a device's presence comes from.
//
// A connection has an OpenConnection as a base or member and enters with it once its peer is known:
//
//   if (open_connections.enter(*this, thread_index, principal, ...) != EnterRefusal::none) ...refuse
//   note_seen(now);                      // on each message: a store into memory of its own
//   open_connections.leave(*this);       // before it is destroyed
//
// When a key or certificate is withdrawn, the registry's writer marks the connections that rest on it and wakes each
// loop once; there on_withdrawn() of each one is called. So a connection is never called from another thread than its
// own, and need not outlive anything but its own leave().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/failure.h"
#include "base/fingerprint.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "registry/registry.h"

namespace iot::gateway {

/// Who is at the other end, and by what that was proved.
struct Principal {
  registry::SubjectKind kind = registry::SubjectKind::device;
  std::int64_t id = 0;  ///< DeviceId or ConsumerId, by kind
  /// Of the token (0: a legacy one, which stands for a key never rotated). Without meaning where `certificate` is set.
  std::uint64_t key_version = 0;
  /// The client certificate that came instead of a token.
  std::optional<Fingerprint> certificate = {};
  /// When the token ends. The connection asks for is_expired() on its own ticks.
  std::optional<Timestamp> expires = {};

  bool is_expired(Timestamp now) const noexcept { return expires && now >= *expires; }
};

/// Whether `snapshot` still knows the principal by that key or certificate.
bool is_current(const Principal& principal, const registry::Snapshot& snapshot) noexcept;

enum class Protocol : std::uint8_t { mqtt, websocket, http };
std::string_view to_string(Protocol protocol) noexcept;  ///< "mqtt", "websocket", "http"

/// Why a connection must end.
enum class WithdrawnReason : std::uint8_t {
  key_rotated,
  certificate_removed,
  subject_removed,  ///< the device or consumer is gone
};
std::string_view to_string(WithdrawnReason reason) noexcept;  ///< a sentence without a full stop, for the peer

class OpenConnections;
struct OpenSubject;

/// The hook by which a connection is known. Neither copied nor moved; has left before it is destroyed.
class OpenConnection {
 public:
  OpenConnection() = default;
  OpenConnection(const OpenConnection&) = delete;

  bool is_entered() const noexcept { return subject_ != nullptr; }
  /// While entered.
  const Principal& principal() const noexcept { return principal_; }

  /// A sign of life. On the connection's loop.
  void note_seen(Timestamp now) noexcept { seen_ns_.store(now.ns, std::memory_order_relaxed); }

  /// What the connection rests on is withdrawn: it tells its peer and closes. On the connection's loop, within 100 ms
  /// of the change being answered, once; it may leave from inside.
  virtual void on_withdrawn(WithdrawnReason reason) = 0;
  /// A consumer's grants are fewer than they were: whatever it subscribes to must be compared with the registry's
  /// present snapshot. On the connection's loop.
  virtual void on_grants_withdrawn() {}

 protected:
  ~OpenConnection();

 private:
  friend class OpenConnections;
  friend struct OpenSubject;

  Principal principal_;
  OpenSubject* subject_ = nullptr;
  OpenConnection* next_ = nullptr;  ///< of the same subject
  OpenConnection* previous_ = nullptr;
  OpenConnection* next_to_tell_ = nullptr;  ///< of the same loop
  OpenConnection* previous_to_tell_ = nullptr;
  std::atomic<std::int64_t> seen_ns_{0};
  Timestamp since_;
  std::string_view address_;
  std::uint32_t thread_index_ = 0;
  Protocol protocol_ = Protocol::mqtt;
  std::optional<WithdrawnReason> withdrawn_;
  bool grants_withdrawn_ = false;
  bool is_to_be_told_ = false;
};

/// How a device stands.
struct Presence {
  std::size_t connections = 0;
  /// Of the oldest open connection; nothing where none is open.
  std::optional<Timestamp> connected_since;
  /// Of the last sign of life by any protocol. Requests over HTTP count once a second.
  Timestamp last_seen;
  Protocol protocol = Protocol::http;  ///< of the last sign of life
  std::string address;                 ///< likewise
  std::string last_error;              ///< empty: none
  Timestamp last_error_at;
};

struct OpenConnectionsLimits {
  std::size_t connections_per_subject_max = 16;
};

enum class EnterRefusal : std::uint8_t {
  none,
  too_many,   ///< The subject has as many as it may have. The peer should close one first, or come later.
  withdrawn,  ///< The key or certificate was withdrawn since it was looked at. As for a bad token.
};

/// Thread-safe.
class OpenConnections {
 public:
  /// All must outlive the object, which must outlive the registry's writer: destroy it after Registry::stop(), and
  /// after the loops have been joined. `executors` are the event loops by thread index.
  OpenConnections(registry::Registry& registry, std::vector<boost::asio::any_io_executor> executors, Metrics& metrics,
                  OpenConnectionsLimits limits);
  ~OpenConnections();

  /// From now on the connection counts, and hears of what is withdrawn; on its loop, which is `thread_index`. The
  /// present snapshot is looked at once more, so nothing that is withdrawn meanwhile is missed. `address` must outlive
  /// the entry. Refused: nothing has happened.
  EnterRefusal enter(OpenConnection& connection, std::size_t thread_index, const Principal& principal,
                     Protocol protocol, std::string_view address, Timestamp now);
  /// On the connection's loop. Nothing where it has not entered.
  void leave(OpenConnection& connection) noexcept;

  /// The last thing that went wrong with what the device sent, for its owner to see; cut to 256 bytes. On the
  /// connection's loop, while entered.
  void note_error(OpenConnection& connection, std::string_view text, Timestamp now);

  /// A sign of life over HTTP, which keeps no entry. Costs a comparison where the same device asked on the same loop
  /// within the same second. On loop `thread_index`.
  void note_request(std::size_t thread_index, DeviceId device, std::string_view address, Timestamp now);
  void note_request_error(DeviceId device, std::string_view text, Timestamp now);

  /// Nothing where the device has given no sign of life since the start of the process.
  std::optional<Presence> presence(DeviceId device) const;
  /// Calls visit(device, presence) for each device that has given a sign of life since the start; under a lock that
  /// connections need: take note and return. What enters or leaves meanwhile may be visited or not.
  void each_device(const std::function<void(DeviceId, const Presence&)>& visit) const;
  /// Connections that are entered, of all subjects.
  std::size_t size() const noexcept;

 private:
  struct State;
  /// Shared with what is on its way to a loop.
  std::shared_ptr<State> state_;
};

}  // namespace iot::gateway
