#include "bench/bench.h"

#include <algorithm>
#include <memory>
#include <thread>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "bench/clients.h"
#include "bench/errc.h"
#include "bench/fan_out.h"
#include "bench/process_usage.h"
#include "bench/sender.h"

namespace iot::bench {
namespace {

constexpr std::chrono::seconds open_deadline{120};
// Files that are open besides the connections.
constexpr std::uint64_t other_files = 64;

double seconds_since(std::int64_t start_ns) {
  return static_cast<double>(steady_ns() - start_ns) / 1e9;
}

/// Calls work(i) for each share on a thread of its own; the first error.
template <class Work>
Result<void> on_threads(std::size_t count, Work work) {
  std::vector<Result<void>> results(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back([&, i] { results[i] = work(i); });
  results[0] = work(0);
  for (auto& thread : threads) thread.join();
  for (auto& result : results) IOT_CHECK(std::move(result));
  return {};
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options), plan_{options, {}, {}, {}, 0} { report_.options = options; }

  Result<Report> measure() {
    IOT_CHECK(check(options_));
    IOT_TRY(plan_.target, parse_target(options_.address));
    IOT_CHECK(allow_open_files(options_.connection_count() + other_files));
    IOT_CHECK(set_up());
    if (options_.subscribers > 0) {
      IOT_CHECK(measure_fan_out());
    } else if (options_.idle > 0) {
      IOT_CHECK(measure_idle());
    } else if (options_.reconnect) {
      IOT_CHECK(measure_reconnect());
    } else {
      IOT_CHECK(measure_load());
    }
    report_.own_cpu_s = own_cpu_seconds();
    return std::move(report_);
  }

 private:
  Result<void> set_up() {
    plan_.begin_ns = system_clock().now().ns;
    if (options_.plain_broker) return {};
    if (options_.core.empty()) {
      IOT_TRY(plan_.devices, given_devices(options_));
      return {};
    }
    IOT_TRY(auto api, signed_in(options_));
    user_token_ = api.token();
    const auto wanted = options_.subscribers > 0 ? 1 : options_.connection_count();
    const auto count = options_.devices > 0 ? std::min(options_.devices, wanted) : wanted;
    IOT_TRY(plan_.devices, make_devices(api, count));
    if (options_.live) {
      IOT_TRY(auto reader, make_reader(api, plan_.devices.front()));
      plan_.reader_token = std::move(reader.token);
    }
    return {};
  }

  SenderPlan sender_plan(std::int64_t start_ns, std::size_t share, std::size_t shares) const {
    SenderPlan plan;
    plan.start_ns = start_ns;
    // Without a duration the messages end it; a year is no end.
    const double duration_s = options_.duration_s > 0 ? options_.duration_s : 86'400.0 * 365;
    plan.end_ns = start_ns + static_cast<std::int64_t>(duration_s * 1e9);
    plan.messages_max = options_.messages / shares + (share < options_.messages % shares ? 1 : 0);
    plan.batch = options_.window;
    if (options_.rate > 0) plan.schedule.emplace(options_.rate, start_ns, share, shares);
    return plan;
  }

  /// The server's CPU time; 0 without --pid.
  Result<double> server_cpu() const { return cpu_seconds(options_.pids); }

  Result<void> measure_load() {
    auto members = make_senders(plan_);
    const auto shares =
        std::min({options_.threads, members.size(),
                  options_.messages > 0 ? static_cast<std::size_t>(options_.messages) : members.size()});
    std::vector<std::vector<Crowd::Member>> dealt(shares);
    for (std::size_t n = 0; n < members.size(); ++n) dealt[n % shares].push_back(std::move(members[n]));
    std::vector<std::unique_ptr<Sender>> senders;
    for (auto& part : dealt) senders.push_back(std::make_unique<Sender>(std::move(part)));

    const auto opening = steady_ns();
    IOT_CHECK(on_threads(shares, [&](std::size_t i) { return senders[i]->crowd().open_all(open_deadline); }));
    report_.open_seconds = seconds_since(opening);

    IOT_TRY(const double cpu_before, server_cpu());
    const auto start = steady_ns();
    std::vector<Tally> tallies(shares);
    IOT_CHECK(on_threads(shares, [&](std::size_t i) -> Result<void> {
      tallies[i] = senders[i]->run(sender_plan(start, i, shares));
      return {};
    }));
    for (const auto& tally : tallies) report_.tally.merge(tally);
    return finish_load(start, cpu_before);
  }

  Result<void> measure_fan_out() {
    FanOut fan_out(make_fan_out(plan_));
    const auto opening = steady_ns();
    IOT_CHECK(fan_out.crowd().open_all(open_deadline));
    report_.open_seconds = seconds_since(opening);
    IOT_TRY(const double cpu_before, server_cpu());
    const auto start = steady_ns();
    report_.tally = fan_out.run(sender_plan(start, 0, 1));
    return finish_load(start, cpu_before);
  }

  Result<void> finish_load(std::int64_t start, double cpu_before) {
    report_.seconds = static_cast<double>(report_.tally.end_ns - start) / 1e9;
    IOT_TRY(const double cpu_after, server_cpu());
    if (!options_.pids.empty()) report_.server_cpu_s = cpu_after - cpu_before;
    if (options_.verify) IOT_CHECK(verify());
    return {};
  }

  Result<void> measure_idle() {
    IOT_TRY(const auto before, memory_of(options_.pids));
    Sender holder(make_senders(plan_));
    const auto opening = steady_ns();
    IOT_CHECK(holder.crowd().open_all(open_deadline));
    report_.open_seconds = seconds_since(opening);
    const auto end = steady_ns() + static_cast<std::int64_t>(options_.duration_s * 1e9);
    while (steady_ns() < end) holder.crowd().poll(std::chrono::milliseconds(100));
    IOT_TRY(const auto after, memory_of(options_.pids));
    const auto each = [&](std::uint64_t later, std::uint64_t earlier) {
      return (static_cast<std::int64_t>(later) - static_cast<std::int64_t>(earlier)) /
             static_cast<std::int64_t>(options_.idle);
    };
    report_.idle = IdleCost{options_.idle, each(after.resident_bytes, before.resident_bytes),
                            each(after.anonymous_bytes, before.anonymous_bytes)};
    const auto lost = options_.idle - holder.crowd().open_count();
    if (lost > 0) report_.tally.faults["closed while idle"] = lost;
    return {};
  }

  Result<void> measure_reconnect() {
    Sender crowd(make_senders(plan_));
    const auto opening = steady_ns();
    IOT_CHECK(crowd.crowd().open_all(open_deadline));
    report_.open_seconds = seconds_since(opening);
    IOT_TRY(const double cpu_before, server_cpu());
    const auto start = steady_ns();
    crowd.crowd().drop_all();
    IOT_CHECK(crowd.crowd().open_all(open_deadline));
    report_.reconnect_seconds = seconds_since(start);
    IOT_TRY(const double cpu_after, server_cpu());
    if (!options_.pids.empty()) report_.server_cpu_s = cpu_after - cpu_before;
    return {};
  }

  /// Counts what the sensors hold, which did not exist before this run. What was sent without an answer may still be on
  /// its way into the store: then it is asked for again, for a while.
  Result<void> verify() {
    IOT_TRY(auto api, ApiClient::at(options_.query));
    api.set_token(user_token_);
    Verification found;
    found.acknowledged = report_.tally.taken * options_.readings_per_message;
    found.sent = report_.tally.sent * options_.readings_per_message;
    // What was acknowledged must be there at once. Only where nothing promises that (QoS 0, a WebSocket without
    // answers) it may take a moment.
    const bool is_promised = options_.protocol_kind() == Protocol::http ||
                             (options_.protocol_kind() == Protocol::mqtt && options_.qos > 0) ||
                             (options_.protocol_kind() == Protocol::websocket && options_.wants_answers);
    for (int tries = is_promised ? 1 : 100; tries > 0; --tries) {
      found.stored = 0;
      for (const auto& device : plan_.devices) {
        IOT_TRY(const auto answer, api.call("GET", "/" + device.id + "_" + device.sensor + "/_count"));
        const auto* count = answer.is_object() ? answer.as_object().if_contains("count") : nullptr;
        if (!count || !count->is_number()) return make_error(Errc::not_reached, "_count gave no count");
        found.stored += count->to_number<std::uint64_t>();
      }
      if (found.is_good() || tries == 1) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    report_.verification = found;
    return {};
  }

  const Options& options_;
  ClientPlan plan_;
  std::string user_token_;
  Report report_;
};

}  // namespace

Result<Report> run(const Options& options) {
  return Run(options).measure();
}

}  // namespace iot::bench
