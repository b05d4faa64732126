// Decoding good packets, matching names and forwarding from a string with room allocate nothing: here every allocation
// of the test program is counted.
#include <cstdlib>
#include <new>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/forward.h"
#include "mqtt/subscription_tree.h"
#include "mqtt/testing/packet_generator.h"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

// Not inlined, as the compiler would then see malloc() meet delete and warn.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace iot::mqtt {
namespace {

TEST(Allocations, AreNoneForGoodPackets) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  testing::PacketGenerator generator(seed);
  std::string again;
  again.reserve(100'000);
  for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
    for (int round = 0; round < 2000; ++round) {
      const Sender sender = round % 2 == 0 ? Sender::client : Sender::server;
      std::string bytes;
      encode(bytes, version, generator.next(version, sender));
      again.clear();
      const std::size_t before = allocations;
      const auto step = read_frame(bytes, {version, sender, packet_bytes_max});
      const auto packet = decode(*step->frame, version, sender);
      encode(again, version, *packet);
      ASSERT_EQ(allocations, before);
      ASSERT_EQ(again, bytes);
    }
  }
}

TEST(Allocations, AreNoneToFindSubscribersAndForward) {
  SubscriptionTree tree;
  tree.add(Subscriber{1}, "a/+/#", {});
  tree.add(Subscriber{2}, "$share/g/a/#", {});
  struct Forward {
    void subscription(Subscriber, const Interest&) { encode(out, Version::v5, packet); }
    void group(const SubscriptionTree::Group& group) { subscription(group.subscriber(group.take_turn()), {}); }
    std::string& out;
    OutgoingPublish packet;
  };
  std::string out;
  out.reserve(1000);
  const std::size_t before = allocations;
  Forward forward{out, {.topic = "a/b/c", .payload = "hi"}};
  tree.match("a/b/c", forward);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(out.size(), 2 * encoded_bytes(Version::v5, forward.packet));
}

}  // namespace
}  // namespace iot::mqtt
