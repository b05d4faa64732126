// Any bytes as what several clients send to one broker, cut anywhere, while time passes and writes become durable.
//
// The input is a sequence of steps: a byte that says what happens and to which of four connections, and for bytes that
// are sent a length and those. What a client gets must be packets that a server sends; counts must stay sound.
#include <array>
#include <cstdlib>
#include <memory>

#include "broker/testing/broker_world.h"

namespace {

using namespace iot;
using namespace iot::broker;
using namespace iot::broker::testing;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::uint16_t in_flight_max = 3;

void check(World& world, Peer& peer) {
  const auto lines = peer.heard();
  require(lines.empty() || lines.back() != "damaged");
  const BrokerCounts counts = world.broker->counts();
  require(counts.queued_bytes <= world.limits.queued_bytes_max);
  require(counts.retained_bytes <= world.limits.retained_bytes_max);
  require(counts.connected <= counts.sessions);
  for (const SessionInfo& session : world.broker->sessions({Owner::Kind::device, 1})) {
    require(session.in_flight <= in_flight_max);
    require(session.queued_messages <= world.limits.queue.messages_max);
    require(session.subscriptions <= world.limits.subscriptions_per_session_max);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  world.limits.queue = {8, 4'096};
  world.limits.queued_bytes_max = 8'192;
  world.limits.retained_messages_max = 4;
  world.limits.retained_bytes_max = 4'096;
  world.limits.subscriptions_per_session_max = 4;
  world.connection_limits = {.receive_max = 3,
                             .topic_alias_max = 2,
                             .packet_bytes_max = 2'048,
                             .in_flight_max = in_flight_max,
                             .keep_alive_s_max = 60};
  world.open();
  std::array<std::unique_ptr<Peer>, 4> peers;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto take = [&](std::size_t count) {
    const std::string_view taken = input.substr(0, count);
    input.remove_prefix(taken.size());
    return taken;
  };
  while (!input.empty()) {
    const auto step = static_cast<std::uint8_t>(take(1).front());
    auto& peer = peers[step & 3];
    if (!peer) {
      peer = std::make_unique<Peer>(world, "");
      peer->application.taken.batch = step >> 7;
    }
    switch (step >> 2 & 7) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string_view length = take(1);
        if (!length.empty()) peer->send(take(static_cast<std::uint8_t>(length.front())));
        break;
      }
      case 4:
        world.commit(step >> 5);
        break;
      case 5:
        world.pass(std::chrono::seconds(1 << (step >> 5)));
        break;
      case 6:
        peer->complete(1, (step & 0x20) != 0 ? mqtt::ReasonCode::quota_exceeded : mqtt::ReasonCode::success);
        break;
      case 7:
        check(world, *peer);
        if ((step & 0x20) != 0) peer.reset();
        if ((step & 0xC0) == 0xC0) {
          for (auto& one : peers) one.reset();
          world.crash();
        }
        break;
    }
    if (peer) check(world, *peer);
  }
  for (auto& peer : peers) peer.reset();
  world.broker->remove_owner({iot::broker::Owner::Kind::device, 1});
  world.commit();
  require(world.broker->counts().queued_bytes == 0 && world.broker->counts().subscriptions == 0);
  for (const auto& [key, value] : world.store->durable_records()) require(key.front() == 'R');
  return 0;
}
