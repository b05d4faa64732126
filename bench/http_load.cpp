// A load generator for HTTP/1.1 on loopback: many keep-alive connections on one thread.
//
//   http_load --port 8083 --kind single --connections 64 --seconds 5 --pid 123,124 --header "Authorization: Bearer x"
//   --sensors 4,5
//
// Kinds: single (one reading a request, each different), array (1,000 readings a request), line (1,000 points of
// InfluxDB's line protocol a request), empty (a POST whose answer means nothing, for nginx), search (a query from
// --body). With --rate R requests are due at fixed times and latency counts from when a request was due, so that a slow
// server is not excused by waiting for it; without, each connection sends the next request when it has the answer.
// --sleep 1 leaves the core to others until a request is due, which then may be late by some tens of microseconds.
// Prints one JSON object.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process_time.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  std::string kind = "single", path = "/", header, body, sensors = "1";
  int connections = 64, readings = 1000;
  double seconds = 5, rate = 0;
  bool sleeps = false;
  long requests_max = 0;
  std::vector<int> pids;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "http_load: %s\n", what.c_str());
  std::exit(2);
}

/// Of a server that is one process or several.
double cpu_seconds(const std::vector<int>& pids) {
  return std::accumulate(pids.begin(), pids.end(), 0.0, [](double sum, int pid) { return sum + ::cpu_seconds(pid); });
}

/// Writes requests, each with readings that no other has.
class RequestWriter {
 public:
  explicit RequestWriter(const Options& options) : options_(options) {
    std::istringstream list(options.sensors);
    for (std::string one; std::getline(list, one, ',');) sensors_.push_back(one);
    time_ns_ = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
                   .count();
    head_ = "POST " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
            (options.header.empty() ? "" : options.header + "\r\n") +
            (options.kind == "line" ? "" : "Content-Type: application/json\r\n") + "Content-Length: ";
  }

  void write(std::string& out) {
    body_.clear();
    if (options_.kind == "single" || options_.kind == "empty") {
      append_reading();
    } else if (options_.kind == "array") {
      body_ += '[';
      for (int i = 0; i < options_.readings; ++i) {
        if (i > 0) body_ += ',';
        append_reading();
      }
      body_ += ']';
    } else if (options_.kind == "line") {
      for (int i = 0; i < options_.readings; ++i) append_line();
    } else {
      body_ = options_.body;
    }
    out += head_;
    append(out, body_.size());
    out += "\r\n\r\n";
    out += body_;
  }

 private:
  template <class Number>
  static void append(std::string& out, Number number) {
    char text[32];
    out.append(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, number).ptr - text));
  }

  /// A slow random walk with two decimals, ten milliseconds apart for each sensor.
  void step() {
    sensor_ = (sensor_ + 1) % sensors_.size();
    if (sensor_ == 0) time_ns_ += 10'000'000;
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    walk_ += static_cast<long>(random_ >> 60) - 8;
  }

  void append_value() {
    const long whole = walk_ / 100, rest = std::labs(walk_ % 100);
    if (walk_ < 0 && whole == 0) body_ += '-';
    append(body_, whole);
    body_ += '.';
    body_ += static_cast<char>('0' + rest / 10);
    body_ += static_cast<char>('0' + rest % 10);
  }

  void append_reading() {
    step();
    body_ += "{\"sensor_id\":\"";
    body_ += sensors_[sensor_];
    body_ += "\",\"timestamp\":";
    append(body_, time_ns_);
    body_ += ",\"value\":";
    append_value();
    body_ += '}';
  }

  void append_line() {
    step();
    body_ += "reading,sensor=";
    body_ += sensors_[sensor_];
    body_ += " value=";
    append_value();
    body_ += ' ';
    append(body_, time_ns_);
    body_ += '\n';
  }

  const Options& options_;
  std::vector<std::string> sensors_;
  std::string head_, body_;
  std::size_t sensor_ = 0;
  long time_ns_ = 0;
  unsigned long random_ = 88172645463325252u;
  long walk_ = 2000;
};

struct Connection {
  int socket = -1;
  bool waiting = false;
  std::string in, out;
  Clock::time_point due;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), writer_(options), poll_(::epoll_create1(0)) {
    connections_.resize(static_cast<std::size_t>(options.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) connect(i);
  }

  void run() {
    const double cpu_before = cpu_seconds(options_.pids);
    start_ = Clock::now();
    const auto end =
        start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    const auto last_answer = end + std::chrono::seconds(10);
    bool sending = true;
    if (options_.rate == 0) {
      for (auto& connection : connections_) send(connection, start_);
    } else {
      for (auto& connection : connections_) idle_.push_back(&connection);
    }
    std::vector<epoll_event> events(512);
    while (sending || outstanding_ > 0) {
      const auto now = Clock::now();
      if (now > last_answer) break;
      if (now >= end || (options_.requests_max > 0 && sent_ >= options_.requests_max)) sending = false;
      if (sending && options_.rate > 0) send_what_is_due(now);
      const auto pause = pause_until_due(sending);
      const int count = ::epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &pause, nullptr);
      for (int i = 0; i < count; ++i) {
        auto& connection = connections_[events[static_cast<std::size_t>(i)].data.u64];
        if (!receive(connection)) continue;
        if (!sending) continue;
        if (options_.rate == 0) {
          send(connection, Clock::now());
        } else {
          idle_.push_back(&connection);
        }
      }
    }
    report(cpu_seconds(options_.pids) - cpu_before, std::chrono::duration<double>(Clock::now() - start_).count());
  }

 private:
  void connect(std::size_t index) {
    auto& connection = connections_[index];
    connection.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      die("cannot connect to port " + std::to_string(options_.port));
    const int on = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  Clock::time_point next_due() const {
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(sent_) / options_.rate));
  }

  timespec pause_until_due(bool sending) const {
    constexpr long ns_per_ms = 1'000'000;
    if (options_.rate == 0 || !sending || (options_.sleeps && idle_.empty())) return {0, 100 * ns_per_ms};
    if (!options_.sleeps) return {0, 0};
    return {0, std::clamp<long>((next_due() - Clock::now()).count(), 0, 100 * ns_per_ms)};
  }

  void send_what_is_due(Clock::time_point now) {
    while (!idle_.empty()) {
      const auto due = next_due();
      if (due > now) return;
      Connection& connection = *idle_.front();
      idle_.pop_front();
      send(connection, due);
    }
  }

  void send(Connection& connection, Clock::time_point due) {
    connection.out.clear();
    writer_.write(connection.out);
    connection.due = due;
    connection.waiting = true;
    ++sent_;
    ++outstanding_;
    std::string_view rest = connection.out;
    while (!rest.empty()) {
      const auto count = ::send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0) die(std::string("send: ") + std::strerror(errno));
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// True once the answer is whole.
  bool receive(Connection& connection) {
    char buffer[65536];
    const auto count = ::recv(connection.socket, buffer, sizeof buffer, 0);
    if (count <= 0) die("the server closed a connection");
    connection.in.append(buffer, static_cast<std::size_t>(count));
    const auto head_end = connection.in.find("\r\n\r\n");
    if (head_end == std::string::npos) return false;
    std::size_t length = 0;
    for (const auto* name : {"Content-Length: ", "content-length: "}) {
      const auto at = connection.in.find(name);
      if (at != std::string::npos && at < head_end)
        length = static_cast<std::size_t>(std::atol(connection.in.c_str() + at + 16));
    }
    const auto chunked = connection.in.find("Transfer-Encoding: chunked");
    if (chunked != std::string::npos && chunked < head_end) {
      // One request at a time and no trailers: the last chunk ends what has come. JSON cannot hold these line ends.
      if (!connection.in.ends_with("\r\n0\r\n\r\n")) return false;
      length = connection.in.size() - head_end - 4;
    }
    if (connection.in.size() < head_end + 4 + length) return false;
    const int status = std::atoi(connection.in.c_str() + 9);
    ++statuses_[status];
    if (status >= 300 && first_error_.empty()) first_error_ = connection.in.substr(0, 400);
    connection.in.erase(0, head_end + 4 + length);
    connection.waiting = false;
    --outstanding_;
    latencies_us_.push_back(std::chrono::duration<float, std::micro>(Clock::now() - connection.due).count());
    return true;
  }

  double percentile(double share) const {
    if (latencies_us_.empty()) return 0;
    return static_cast<double>(
               latencies_us_[static_cast<std::size_t>(share * static_cast<double>(latencies_us_.size() - 1))]) /
           1000;
  }

  void report(double cpu, double elapsed) {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const long good = statuses_[200] + statuses_[204];
    const long each = options_.kind == "array" || options_.kind == "line" ? options_.readings : 1;
    std::printf(
        "{\"requests\":%ld,\"refused\":%ld,\"unanswered\":%ld,\"readings\":%ld,\"seconds\":%.3f,\"server_cpu_s\":%.3f,",
        good, static_cast<long>(latencies_us_.size()) - good, outstanding_, good * each, elapsed, cpu);
    std::printf("\"requests_per_s\":%.0f,\"requests_per_cpu_s\":%.0f,\"readings_per_cpu_s\":%.0f,",
                static_cast<double>(good) / elapsed, cpu > 0 ? static_cast<double>(good) / cpu : 0,
                cpu > 0 ? static_cast<double>(good * each) / cpu : 0);
    std::printf("\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n", percentile(0.5), percentile(0.9),
                percentile(0.99), percentile(1));
    if (!first_error_.empty()) std::fprintf(stderr, "first refusal: %s\n", first_error_.c_str());
  }

  const Options& options_;
  RequestWriter writer_;
  int poll_;
  std::vector<Connection> connections_;
  std::deque<Connection*> idle_;
  Clock::time_point start_;
  long sent_ = 0, outstanding_ = 0;
  std::map<int, long> statuses_;
  std::vector<float> latencies_us_;
  std::string first_error_;
};

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    std::string value = arguments[i + 1];
    if (name == "--port")
      options.port = std::stoi(value);
    else if (name == "--kind")
      options.kind = value;
    else if (name == "--path")
      options.path = value;
    else if (name == "--header")
      options.header = value;
    else if (name == "--body")
      options.body = value;
    else if (name == "--sensors")
      options.sensors = value;
    else if (name == "--connections")
      options.connections = std::stoi(value);
    else if (name == "--readings")
      options.readings = std::stoi(value);
    else if (name == "--seconds")
      options.seconds = std::stod(value);
    else if (name == "--rate")
      options.rate = std::stod(value);
    else if (name == "--sleep")
      options.sleeps = value != "0";
    else if (name == "--requests")
      options.requests_max = std::stol(value);
    else if (name == "--pid")
      for (std::istringstream list(value); std::getline(list, value, ',');) options.pids.push_back(std::stoi(value));
    else
      die("unknown option " + name);
  }
  if (options.port == 0) die("--port is missing");
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  Load(options).run();
}
