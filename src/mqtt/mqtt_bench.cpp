// What a broker does for each message: find it in the received bytes, answer it, find who wants it, send it on.
#include <benchmark/benchmark.h>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/forward.h"
#include "mqtt/subscription_tree.h"

namespace iot::mqtt {
namespace {

constexpr std::string_view reading = R"({"sensor_id":"4","timestamp":1526717967,"value":"91827364"})";

std::string publish_bytes(Version version) {
  std::string bytes;
  encode(bytes, version,
         OutgoingPublish{.topic = "1234567", .payload = reading, .qos = Qos::at_least_once, .packet_id = 7});
  return bytes;
}

void decode_publish_qos_1(benchmark::State& state) {
  const auto version = static_cast<Version>(state.range(0));
  // Many packets in one buffer, as they arrive from a client with a window.
  std::string received;
  for (int index = 0; index < 20; ++index) received += publish_bytes(version);
  const FrameRules rules{version, Sender::client, 100'000};
  std::string_view rest = received;
  for (auto unused : state) {
    (void)unused;
    if (rest.empty()) rest = received;
    const auto step = read_frame(rest, rules);
    const auto packet = decode_publish(*step->frame, version, Sender::client);
    if (!packet || packet->payload != reading) state.SkipWithError("the packet is refused");
    rest.remove_prefix(step->frame->bytes);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_publish_qos_1)->Arg(4)->Arg(5);

void encode_puback(benchmark::State& state) {
  std::string out;
  std::uint16_t id = 1;
  for (auto unused : state) {
    (void)unused;
    if (out.size() > 4000) out.clear();
    encode_success(out, PacketType::puback, id++);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(encode_puback);

void encode_publish(benchmark::State& state) {
  std::string out;
  const OutgoingPublish packet{
      .topic = "1234567/commands/42", .payload = reading, .qos = Qos::at_least_once, .packet_id = 7};
  for (auto unused : state) {
    (void)unused;
    if (out.size() > 4000) out.clear();
    encode(out, Version::v5, packet);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(encode_publish);

struct Count {
  void subscription(Subscriber, const Interest&) { ++count; }
  void group(const SubscriptionTree::Group&) { ++count; }
  std::size_t count = 0;
};

/// Each of so many devices listens to its own commands; messages go to them in no order.
void match_own_commands(benchmark::State& state) {
  const auto devices = static_cast<std::uint32_t>(state.range(0));
  SubscriptionTree tree;
  for (std::uint32_t index = 0; index < devices; ++index) {
    tree.add(Subscriber{index}, std::to_string(index) + "/commands/#", {});
  }
  std::vector<std::string> names;
  for (std::uint32_t index = 0; index < 4096; ++index) {
    names.push_back(std::to_string(index * 2'654'435'761u % devices) + "/commands/17");
  }
  Count count;
  std::size_t next = 0;
  for (auto unused : state) {
    (void)unused;
    tree.match(names[next++ % names.size()], count);
  }
  if (count.count != static_cast<std::size_t>(state.iterations())) state.SkipWithError("not one subscriber each");
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_per_subscriber"] = static_cast<double>(tree.memory_bytes()) / devices;
}
BENCHMARK(match_own_commands)->Arg(1000)->Arg(100'000);

/// Nobody wants what most devices send.
void match_nobody(benchmark::State& state) {
  SubscriptionTree tree;
  for (std::uint32_t index = 0; index < 100'000; ++index) {
    tree.add(Subscriber{index}, std::to_string(index) + "/commands/#", {});
  }
  Count count;
  std::uint32_t device = 0;
  std::vector<std::string> names;
  for (std::uint32_t index = 0; index < 4096; ++index) names.push_back(std::to_string(index * 23));
  for (auto unused : state) {
    (void)unused;
    tree.match(names[device++ % names.size()], count);
  }
  if (count.count != 0) state.SkipWithError("somebody");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(match_nobody);

/// 1,000 subscribers of one filter: what fan-out costs before anything is sent.
void match_a_thousand(benchmark::State& state) {
  SubscriptionTree tree;
  for (std::uint32_t index = 0; index < 1000; ++index) tree.add(Subscriber{index}, "news/#", {});
  Count count;
  for (auto unused : state) {
    (void)unused;
    tree.match("news/today", count);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(match_a_thousand);

/// The worst that wildcards can do to a name of eight levels: all 2^9 filters of exact levels and '+'.
void match_wildcard_storm(benchmark::State& state) {
  SubscriptionTree tree;
  for (std::uint32_t bits = 0; bits < 512; ++bits) {
    std::string filter;
    for (int level = 0; level < 9; ++level)
      filter += (level > 0 ? "/" : "") + std::string((bits >> level & 1) != 0 ? "+" : "a");
    tree.add(Subscriber{bits}, filter, {});
  }
  Count count;
  for (auto unused : state) {
    (void)unused;
    tree.match("a/a/a/a/a/a/a/a/a", count);
  }
  state.SetItemsProcessed(state.iterations() * 512);
}
BENCHMARK(match_wildcard_storm);

}  // namespace
}  // namespace iot::mqtt
