// Fills a server with series to query: each sensor a walk with two decimals, a point every --step_ms from --first_ms
// on.
//
//   fill --port 8083 --format array --path / --header "Authorization: Bearer x" --sensors 4,5 --points 100000 --pid 123
//
// Formats: array (the platform's readings), line (InfluxDB's line protocol, for VictoriaMetrics), bulk (_bulk of the
// documents that the platform shows, for OpenSearch). The same options give each server the same points: 1,000 of a
// sensor in a request (bulk: 5,000), all sensors in turn, so that all grow together as in life. With --pull N a walk is
// drawn back by an N-th of how far it has gone, so that it keeps crossing its middle, 20.00. Prints one JSON object.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process_time.h"

namespace {

struct Options {
  int port = 0, pid = 0;
  unsigned connections = 2;
  std::string format = "array", path = "/", header, device = "1";
  std::vector<std::string> sensors;
  long points = 1000, first_ms = 1'700'000'000'000, step_ms = 10'000, pull = 0;
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "fill: %s\n", what.c_str());
  std::exit(2);
}

struct Walk {
  std::uint64_t random = 0;
  long hundredths = 2000;

  void step(long pull) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    hundredths += static_cast<long>((random >> 40) % 41) - 20;
    if (pull > 0) hundredths -= (hundredths - 2000) / pull;
  }
};

class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      die("cannot connect to port " + std::to_string(port));
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The answer's head and body.
  const std::string& ask(std::string_view request) {
    while (!request.empty()) {
      const auto count = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
      if (count <= 0) die("the server closed a connection");
      request.remove_prefix(static_cast<std::size_t>(count));
    }
    answer_.clear();
    std::size_t whole = std::string::npos;
    while (answer_.size() < whole) {
      char buffer[65536];
      const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) die("the server closed a connection");
      answer_.append(buffer, static_cast<std::size_t>(count));
      const auto head_end = answer_.find("\r\n\r\n");
      if (head_end == std::string::npos) continue;
      whole = head_end + 4;
      for (const auto* name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
        const auto at = answer_.find(name);
        if (at < head_end) whole += static_cast<std::size_t>(std::atol(answer_.c_str() + at + 18));
      }
    }
    return answer_;
  }

 private:
  int socket_;
  std::string answer_;
};

/// Sends the points of every `connections`-th sensor, beginning with number `first`.
class Filler {
 public:
  Filler(const Options& options, unsigned first) : options_(options), first_(first), connection_(options.port) {
    for (std::size_t i = 0; i < options.sensors.size(); ++i) walks_.push_back({i + 1});
    head_ = "POST " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
            (options.header.empty() ? "" : options.header + "\r\n") + "Content-Type: " +
            (options.format == "bulk"   ? "application/x-ndjson"
             : options.format == "line" ? "text/plain"
                                        : "application/json") +
            "\r\nContent-Length: ";
  }

  void run() {
    const long piece = options_.format == "bulk" ? 5000 : 1000;
    for (long begin = 0; begin < options_.points; begin += piece) {
      const long end = std::min(options_.points, begin + piece);
      for (std::size_t sensor = first_; sensor < options_.sensors.size(); sensor += options_.connections) {
        send(sensor, begin, end);
      }
    }
  }

 private:
  static void append(std::string& out, long number) {
    char text[32];
    out.append(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, number).ptr - text));
  }

  void append_value(long hundredths) {
    const long whole = std::labs(hundredths) / 100, rest = std::labs(hundredths) % 100;
    if (hundredths < 0) body_ += '-';
    append(body_, whole);
    body_ += '.';
    body_ += static_cast<char>('0' + rest / 10);
    body_ += static_cast<char>('0' + rest % 10);
  }

  void append_date(long ms) {
    const std::time_t second = ms / 1000;
    std::tm parts;
    gmtime_r(&second, &parts);
    char text[64];
    body_.append(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts));
    std::snprintf(text, sizeof text, ".%03ld000000Z", ms % 1000);
    body_ += text;
  }

  void append_point(const std::string& sensor, long ms, long hundredths) {
    if (options_.format == "array") {
      body_ += body_.empty() ? "[{\"sensor_id\":\"" : ",{\"sensor_id\":\"";
      body_ += sensor;
      body_ += "\",\"timestamp\":";
      append(body_, ms);
      body_ += ",\"value\":";
      append_value(hundredths);
      body_ += '}';
    } else if (options_.format == "line") {
      body_ += "reading,sensor=" + sensor + " value=";
      append_value(hundredths);
      body_ += ' ';
      append(body_, ms);
      body_ += '\n';
    } else {
      body_ += "{\"index\":{}}\n{\"timestamp\":\"";
      append_date(ms);
      body_ += "\",\"device_id\":\"" + options_.device + "\",\"sensor_id\":\"" + sensor + "\",\"value\":";
      append_value(hundredths);
      body_ += "}\n";
    }
  }

  void send(std::size_t sensor, long begin, long end) {
    body_.clear();
    for (long i = begin; i < end; ++i) {
      walks_[sensor].step(options_.pull);
      append_point(options_.sensors[sensor], options_.first_ms + i * options_.step_ms, walks_[sensor].hundredths);
    }
    if (options_.format == "array") body_ += ']';
    request_ = head_;
    append(request_, static_cast<long>(body_.size()));
    request_ += "\r\n\r\n";
    request_ += body_;
    for (;;) {
      const std::string& answer = connection_.ask(request_);
      const int status = std::atoi(answer.c_str() + 9);
      if (status < 300 && answer.find("\"errors\":true") == std::string::npos) return;
      // What is busy asks to come back; a point that comes twice is one.
      if (status != 503 && status != 429) die("refused: " + answer.substr(0, 600));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  const Options& options_;
  const unsigned first_;
  Connection connection_;
  std::vector<Walk> walks_;
  std::string head_, body_, request_;
};

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i], value = arguments[i + 1];
    if (name == "--port")
      options.port = std::stoi(value);
    else if (name == "--pid")
      options.pid = std::stoi(value);
    else if (name == "--format")
      options.format = value;
    else if (name == "--path")
      options.path = value;
    else if (name == "--header")
      options.header = value;
    else if (name == "--device")
      options.device = value;
    else if (name == "--connections")
      options.connections = static_cast<unsigned>(std::stoul(value));
    else if (name == "--points")
      options.points = std::stol(value);
    else if (name == "--first_ms")
      options.first_ms = std::stol(value);
    else if (name == "--step_ms")
      options.step_ms = std::stol(value);
    else if (name == "--pull")
      options.pull = std::stol(value);
    else if (name == "--sensors") {
      std::istringstream list(value);
      for (std::string one; std::getline(list, one, ',');) options.sensors.push_back(one);
    } else
      die("unknown option " + name);
  }
  if (options.port == 0 || options.sensors.empty()) die("--port or --sensors is missing");
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  const double cpu_before = cpu_seconds(options.pid);
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.connections; ++i) threads.emplace_back([&options, i] { Filler(options, i).run(); });
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("{\"points\":%ld,\"seconds\":%.1f,\"server_cpu_s\":%.1f}\n",
              options.points * static_cast<long>(options.sensors.size()), seconds,
              cpu_seconds(options.pid) - cpu_before);
}
