#include <optional>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/tls.h"
#include "net/tls_peer.h"

namespace iot::net {
namespace {

const TestCertificate& server_certificate() {
  static const TestCertificate made = make_test_certificate("server");
  return made;
}

/// A server's transport on one end of a pair of sockets; the test moves the client's bytes in and out of the other.
class Line {
 public:
  explicit Line(TlsContext& context, const TlsPeerOptions& options = {},
                ClientCertificates client_certificates = ClientCertificates::ignored)
      : client(options) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) throw std::runtime_error("no sockets");
    server = context.transports(client_certificates)(ends[0]);
    wire_ = ends[1];
  }
  ~Line() { cut(); }

  /// The connection breaks, on the client's side.
  void cut() {
    if (wire_ >= 0) ::close(std::exchange(wire_, -1));
  }
  void put_on_wire(std::string_view bytes) {
    ASSERT_EQ(::send(wire_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  std::string take_from_wire() {
    std::string all;
    char bytes[65'536];
    for (ssize_t count = 0; (count = ::recv(wire_, bytes, sizeof bytes, 0)) > 0;) {
      all.append(bytes, static_cast<std::size_t>(count));
    }
    return all;
  }
  int wire() const noexcept { return wire_; }

  IoOutcome receive(std::string& into, std::size_t bytes_max = 4096) {
    std::string space(bytes_max, '\0');
    const IoOutcome outcome = server->receive({space.data(), space.size()});
    into.append(space, 0, outcome.bytes);
    return outcome;
  }
  /// Tells the server's side that something has arrived, and lets it read all; why it stopped.
  IoOutcome::Kind let_server_read(std::size_t bytes_max = 4096) {
    server->readiness({.readable = true});
    for (;;) {
      const IoOutcome outcome = receive(heard, bytes_max);
      if (outcome.kind != IoOutcome::Kind::done) return outcome.kind;
    }
  }
  /// Moves bytes both ways until nothing moves.
  IoOutcome::Kind settle() {
    IoOutcome::Kind kind = IoOutcome::Kind::would_block;
    for (;;) {
      const std::string out = client.take();
      if (!out.empty()) put_on_wire(out);
      kind = let_server_read();
      const std::string in = take_from_wire();
      client.put(in);
      if (out.empty() && in.empty()) return kind;
    }
  }

  TlsPeer client;
  std::unique_ptr<Transport> server;
  std::string heard;

 private:
  int wire_ = -1;
};

class TlsTransportTest : public testing::TestWithParam<int> {
 protected:
  TlsTransportTest() {
    auto loaded = TlsContext::load(files_.files, metrics_);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    context_ = std::move(*loaded);
  }
  TlsPeerOptions of_version() const { return {.version = GetParam()}; }
  double handshakes(const std::string& outcome) const {
    const std::string series = "iotplatform_tls_handshakes_total{outcome=\"" + outcome + "\"} ";
    const std::string text = metrics_.scrape();
    return std::stod(text.substr(text.find(series) + series.size()));
  }

  Metrics metrics_;
  TestTlsFiles files_{server_certificate()};
  std::shared_ptr<TlsContext> context_;
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsTransportTest, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

TEST_P(TlsTransportTest, CarriesBytesBothWays) {
  Line line(*context_, of_version());
  EXPECT_FALSE(line.server->established());
  EXPECT_EQ(line.settle(), IoOutcome::Kind::would_block);
  EXPECT_TRUE(line.server->established());
  EXPECT_EQ(line.client.version(), GetParam() == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
  EXPECT_EQ(line.client.server_certificate_sha256(), server_certificate().sha256);
  line.client.write("a question");
  line.settle();
  EXPECT_EQ(line.heard, "a question");
  EXPECT_EQ(line.server->send("an ", "answer").bytes, 9u);
  line.settle();
  EXPECT_EQ(line.client.read(), "an answer");
  EXPECT_EQ(handshakes("done"), 1);
  EXPECT_EQ(handshakes("failed"), 0);
}

TEST_P(TlsTransportTest, TheFirstWordsMayComeByteByByte) {
  Line line(*context_, of_version());
  std::string heard;
  const auto drip = [&](const std::string& bytes) {
    for (const char byte : bytes) {
      line.put_on_wire({&byte, 1});
      ASSERT_EQ(line.let_server_read(), IoOutcome::Kind::would_block);
    }
    line.client.put(line.take_from_wire());
  };
  while (!line.client.established()) drip(line.client.take());
  line.client.write("hello");
  drip(line.client.take());
  EXPECT_TRUE(line.server->established());
  EXPECT_EQ(line.heard, "hello");
}

TEST_P(TlsTransportTest, ACutAtAnyByteIsAFailureAndNeverAnEnd) {
  bool whole = false;
  for (std::size_t cut_at = 0; !whole; ++cut_at) {
    Line line(*context_, of_version());
    bool wrote = false;
    for (std::size_t sent = 0; sent < cut_at;) {
      std::string bytes = line.client.take();
      if (line.client.established() && !std::exchange(wrote, true)) {
        line.client.write("hello");
        bytes += line.client.take();
      }
      bytes.resize(std::min(bytes.size(), cut_at - sent));
      sent += bytes.size();
      line.put_on_wire(bytes);
      ASSERT_EQ(line.let_server_read(), IoOutcome::Kind::would_block);
      line.client.put(line.take_from_wire());
    }
    line.cut();
    ASSERT_EQ(line.let_server_read(), IoOutcome::Kind::failed) << "cut at " << cut_at;
    ASSERT_EQ(line.server->send("x", {}).kind, IoOutcome::Kind::failed);
    ASSERT_EQ(line.let_server_read(), IoOutcome::Kind::failed);
    // Only with the last byte of its record the word is there.
    whole = line.heard == "hello";
    ASSERT_TRUE(whole || line.heard.empty());
  }
}

TEST_P(TlsTransportTest, AChangedByteIsNoticed) {
  Line line(*context_, of_version());
  line.settle();
  line.client.write("hello");
  std::string record = line.client.take();
  record[record.size() / 2] ^= 1;
  line.put_on_wire(record);
  EXPECT_EQ(line.let_server_read(), IoOutcome::Kind::failed);
  EXPECT_EQ(line.heard, "");
  line.client.put(line.take_from_wire());
  EXPECT_TRUE(line.client.failed()) << "it is told with an alert";
  EXPECT_EQ(handshakes("failed"), 0);
}

TEST_P(TlsTransportTest, AnEndThatIsAnnouncedIsAnEnd) {
  Line line(*context_, of_version());
  line.settle();
  line.client.write("last words");
  line.client.close();
  EXPECT_EQ(line.settle(), IoOutcome::Kind::closed);
  EXPECT_EQ(line.let_server_read(), IoOutcome::Kind::closed);
  EXPECT_EQ(line.heard, "last words");
  // The other direction goes on.
  EXPECT_EQ(line.server->send("heard you", {}).kind, IoOutcome::Kind::done);
  line.client.put(line.take_from_wire());
  EXPECT_EQ(line.client.read(), "heard you");
}

TEST_P(TlsTransportTest, WhoeverFinishesSendingCanStillReceive) {
  Line line(*context_, of_version());
  line.settle();
  line.server->finish_sending();
  line.client.put(line.take_from_wire());
  EXPECT_TRUE(line.client.server_closed());
  line.client.write("one more thing");
  EXPECT_EQ(line.settle(), IoOutcome::Kind::would_block);
  EXPECT_EQ(line.heard, "one more thing");
}

TEST_P(TlsTransportTest, ATransportThatEndsSaysSo) {
  Line line(*context_, of_version());
  line.settle();
  line.server.reset();
  line.client.put(line.take_from_wire());
  EXPECT_TRUE(line.client.server_closed());
}

TEST_P(TlsTransportTest, AnAnswerThatIsCutShortDoesNotLookWhole) {
  Line line(*context_, of_version());
  line.settle();
  const std::string much(1u << 20, 'x');
  while (line.server->send(much, {}).kind == IoOutcome::Kind::done) {
  }
  line.server.reset();
  line.client.put(line.take_from_wire());
  EXPECT_FALSE(line.client.server_closed());
}

TEST_P(TlsTransportTest, MuchGoesThroughLittleAtATime) {
  Line line(*context_, of_version());
  line.settle();
  const int small = 4096;
  ::setsockopt(line.server->socket(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  ::setsockopt(line.wire(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  std::string body(1'000'003, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + i / 251);
  std::string received;
  bool blocked = false;
  for (std::size_t sent = 0; received.size() < body.size();) {
    if (sent < body.size()) {
      // The bytes move in memory and more come behind them between two tries, as in a queue that grows.
      const std::string head = body.substr(sent, 20'000);
      const std::string rest = body.substr(sent + head.size(), 20'000);
      const IoOutcome outcome = line.server->send(head, rest);
      ASSERT_NE(outcome.kind, IoOutcome::Kind::failed);
      blocked |= outcome.kind == IoOutcome::Kind::would_block;
      sent += outcome.bytes;
    }
    line.client.put(line.take_from_wire());
    received += line.client.read();
  }
  EXPECT_TRUE(blocked);
  EXPECT_TRUE(received == body);
  // And the other way, read into spaces of all sizes.
  line.client.write(body);
  const std::string wire_bytes = line.client.take();
  for (std::size_t at = 0, space = 1; line.heard.size() < body.size(); space = space % 5000 + 7) {
    const ssize_t count = ::send(line.wire(), wire_bytes.data() + at, wire_bytes.size() - at, MSG_NOSIGNAL);
    if (count > 0) at += static_cast<std::size_t>(count);
    ASSERT_EQ(line.let_server_read(space), IoOutcome::Kind::would_block);
  }
  EXPECT_TRUE(line.heard == body);
}

TEST_P(TlsTransportTest, AShortReadAsksTheSocketNoMoreUntilItIsTold) {
  Line line(*context_, of_version());
  line.settle();
  line.client.write("one");
  line.put_on_wire(line.client.take());
  line.server->readiness({.readable = true});
  const IoOutcome first = line.receive(line.heard);
  EXPECT_EQ(first.bytes, 3u);
  EXPECT_TRUE(first.drained);
  // What comes now would be told by the poller; nobody looks for it before.
  line.client.write("two");
  line.put_on_wire(line.client.take());
  EXPECT_EQ(line.receive(line.heard).kind, IoOutcome::Kind::would_block);
  line.server->readiness({.writable = true});
  EXPECT_EQ(line.receive(line.heard).kind, IoOutcome::Kind::would_block);
  line.server->readiness({.readable = true});
  EXPECT_EQ(line.receive(line.heard).bytes, 3u);
  // Once the end was told, it is looked for.
  line.client.write("end");
  line.client.close();
  line.put_on_wire(line.client.take());
  line.server->readiness({.readable = true, .read_closed = true});
  EXPECT_EQ(line.let_server_read(), IoOutcome::Kind::closed);
  EXPECT_EQ(line.heard, "onetwoend");
}

TEST_P(TlsTransportTest, WhatDoesNotFitTheSpaceIsNotForgotten) {
  Line line(*context_, of_version());
  line.settle();
  line.client.write("abcdef");
  line.put_on_wire(line.client.take());
  line.server->readiness({.readable = true});
  const IoOutcome first = line.receive(line.heard, 4);
  EXPECT_EQ(first.bytes, 4u);
  EXPECT_FALSE(first.drained) << "two more bytes are held, which no event will tell";
  const IoOutcome second = line.receive(line.heard, 4);
  EXPECT_EQ(second.bytes, 2u);
  EXPECT_TRUE(second.drained);
}

TEST_P(TlsTransportTest, AHandshakeThatCannotSendWaitsUntilItCan) {
  Line line(*context_, of_version());
  const int small = 1;
  ::setsockopt(line.server->socket(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  // The socket is full of something else, which the test throws away.
  const std::string filler(1000, 'f');
  while (::send(line.server->socket(), filler.data(), filler.size(), MSG_NOSIGNAL) > 0) {
  }
  line.put_on_wire(line.client.take());
  EXPECT_EQ(line.let_server_read(), IoOutcome::Kind::would_block);
  EXPECT_FALSE(line.server->readiness({.read_closed = false}).readable);
  std::string in = line.take_from_wire();
  EXPECT_EQ(in.find_first_not_of('f'), std::string::npos);
  // That the socket takes more means that the receive can go on.
  EXPECT_TRUE(line.server->readiness({.writable = true}).readable);
  EXPECT_EQ(line.receive(line.heard).kind, IoOutcome::Kind::would_block);
  line.client.put(line.take_from_wire());
  line.settle();
  EXPECT_TRUE(line.server->established());
}

class TlsRenegotiationTest : public TlsTransportTest {};
INSTANTIATE_TEST_SUITE_P(Tls12, TlsRenegotiationTest, testing::Values(TLS1_2_VERSION));

TEST_P(TlsRenegotiationTest, AnotherHandshakeIsRefused) {
  Line line(*context_, of_version());
  line.settle();
  line.client.ask_for_new_keys();
  line.put_on_wire(line.client.take());
  EXPECT_EQ(line.let_server_read(), IoOutcome::Kind::would_block);
  line.client.put(line.take_from_wire());
  EXPECT_TRUE(line.client.failed()) << "OpenSSL's client takes the refusal for the end";
}

class TlsKeyUpdateTest : public TlsTransportTest {};
INSTANTIATE_TEST_SUITE_P(Tls13, TlsKeyUpdateTest, testing::Values(TLS1_3_VERSION));

TEST_P(TlsKeyUpdateTest, NewKeysAreMadeOnDemand) {
  Line line(*context_, of_version());
  line.settle();
  line.client.ask_for_new_keys();
  line.client.write("before and after");
  EXPECT_EQ(line.settle(), IoOutcome::Kind::would_block);
  EXPECT_EQ(line.heard, "before and after");
  EXPECT_EQ(line.server->send("answer", {}).bytes, 6u);
  line.settle();
  EXPECT_EQ(line.client.read(), "answer");
}

TEST_P(TlsKeyUpdateTest, NewKeysAreMadeWhileAnAnswerWaits) {
  Line line(*context_, of_version());
  line.settle();
  const std::string much(1u << 20, 'x');
  std::size_t sent = 0;
  for (IoOutcome outcome; (outcome = line.server->send(std::string_view(much).substr(sent), {})).bytes > 0;) {
    sent += outcome.bytes;
  }
  ASSERT_LT(sent, much.size());
  line.client.ask_for_new_keys();
  line.client.write("go on");
  line.put_on_wire(line.client.take());
  EXPECT_EQ(line.let_server_read(), IoOutcome::Kind::would_block);
  std::string received;
  while (received.size() < much.size()) {
    line.client.put(line.take_from_wire());
    received += line.client.read();
    if (sent < much.size()) {
      const IoOutcome outcome = line.server->send(std::string_view(much).substr(sent), {});
      ASSERT_NE(outcome.kind, IoOutcome::Kind::failed);
      sent += outcome.bytes;
    }
  }
  line.settle();
  EXPECT_EQ(line.heard, "go on");
}

TEST_P(TlsTransportTest, AClientsCertificateIsKnownByItsFingerprint) {
  const TestCertificate device = make_test_certificate("device");
  TlsPeerOptions options = of_version();
  {
    Line line(*context_, options, ClientCertificates::requested);
    line.settle();
    EXPECT_TRUE(line.server->established());
    EXPECT_EQ(line.server->peer_certificate_sha256(), "") << "it need not have one";
  }
  options.certificate = &device;
  {
    Line line(*context_, options, ClientCertificates::ignored);
    line.settle();
    EXPECT_EQ(line.server->peer_certificate_sha256(), "");
  }
  Line line(*context_, options, ClientCertificates::requested);
  line.settle();
  EXPECT_EQ(line.server->peer_certificate_sha256(), device.sha256);
  // Nor is it forgotten by a session that is resumed.
  line.server->send("x", {});
  line.settle();
  line.client.keep_session();
  Line again(*context_, options, ClientCertificates::requested);
  again.client.resume(line.client);
  again.settle();
  EXPECT_TRUE(again.client.resumed());
  EXPECT_EQ(again.server->peer_certificate_sha256(), device.sha256);
}

TEST_P(TlsTransportTest, AnAuthorityOfClientCertificatesMustHaveSignedThem) {
  const TestCertificate authority = make_test_certificate("authority");
  const TestCertificate signed_by_it = make_test_certificate("device", &authority);
  const TestCertificate signed_by_itself = make_test_certificate("other");
  files_.files.client_ca = files_.write("authority.pem", authority.certificate);
  ASSERT_TRUE(context_->reload(files_.files));
  TlsPeerOptions options = of_version();
  for (const auto& [certificate, accepted, fingerprint] :
       {std::tuple{&signed_by_it, true, signed_by_it.sha256}, std::tuple{&signed_by_itself, false, std::string()},
        std::tuple{static_cast<const TestCertificate*>(nullptr), true, std::string()}}) {
    options.certificate = certificate;
    Line line(*context_, options, ClientCertificates::requested);
    line.settle();
    EXPECT_EQ(line.server->established(), accepted);
    EXPECT_EQ(line.server->peer_certificate_sha256(), fingerprint);
  }
}

class TlsRefusalTest : public TlsTransportTest {};
INSTANTIATE_TEST_SUITE_P(Versions, TlsRefusalTest, testing::Values(TLS1_1_VERSION, TLS1_VERSION));

TEST_P(TlsRefusalTest, RefusesOldVersions) {
  Line line(*context_, {.version = GetParam(), .ciphers = "ALL:@SECLEVEL=0"});
  EXPECT_EQ(line.settle(), IoOutcome::Kind::failed);
  EXPECT_FALSE(line.server->established());
  EXPECT_TRUE(line.client.failed());
  EXPECT_EQ(handshakes("failed"), 1);
}

class TlsCipherTest : public testing::TestWithParam<std::pair<const char*, bool>> {};
INSTANTIATE_TEST_SUITE_P(Ciphers, TlsCipherTest,
                         testing::Values(std::pair("ECDHE-ECDSA-AES128-GCM-SHA256", true),
                                         std::pair("ECDHE-ECDSA-AES256-GCM-SHA384", true),
                                         std::pair("ECDHE-ECDSA-CHACHA20-POLY1305", true),
                                         std::pair("ECDHE-ECDSA-AES128-SHA256", false),
                                         std::pair("ECDHE-ECDSA-AES128-SHA", false), std::pair("AES128-SHA", false),
                                         std::pair("AECDH-AES128-SHA:@SECLEVEL=0", false)));

TEST_P(TlsCipherTest, TakesForwardSecrecyAndAuthenticatedEncryptionAlone) {
  const auto [cipher, accepted] = GetParam();
  Metrics metrics;
  const TestTlsFiles files(server_certificate());
  const auto context = TlsContext::load(files.files, metrics);
  ASSERT_TRUE(context);
  Line line(**context, {.version = TLS1_2_VERSION, .ciphers = cipher});
  line.settle();
  EXPECT_EQ(line.server->established(), accepted);
  if (accepted) {
    EXPECT_EQ(line.client.cipher(), cipher);
  }
}

TEST(TlsTransportCount, AHandshakeThatIsGivenUpHasFailed) {
  Metrics metrics;
  const TestTlsFiles files(server_certificate());
  const auto context = TlsContext::load(files.files, metrics);
  ASSERT_TRUE(context);
  std::optional<Line> line(std::in_place, **context);
  line.reset();
  EXPECT_NE(metrics.scrape().find("iotplatform_tls_handshakes_total{outcome=\"failed\"} 1\n"), std::string::npos);
}

}  // namespace
}  // namespace iot::net
