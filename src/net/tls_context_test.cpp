#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/tls.h"
#include "net/tls_peer.h"

namespace iot::net {
namespace {

class TlsContextTest : public testing::Test {
 protected:
  /// Why the files cannot be used; empty if they can.
  std::string refusal() {
    const auto context = TlsContext::load(disk_.files, metrics_);
    if (context) return "";
    EXPECT_TRUE(is(context.error(), Errc::certificate_unusable));
    return context.error().message;
  }
  void expect_refusal_that_names(const std::filesystem::path& file, std::string_view reason) {
    const std::string message = refusal();
    EXPECT_NE(message.find(file.string()), std::string::npos) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message;
  }

  Metrics metrics_;
  const TestCertificate certificate_ = make_test_certificate("first");
  TestTlsFiles disk_{certificate_};
};

TEST_F(TlsContextTest, TakesACertificateAndItsKey) {
  EXPECT_EQ(refusal(), "");
  // A group of users may be trusted with the key, everybody may not.
  disk_.files.key = disk_.write("key.pem", certificate_.key, 0640);
  EXPECT_EQ(refusal(), "");
}

TEST_F(TlsContextTest, NamesTheFileThatItCannotUseAndSaysWhy) {
  const TlsFiles good = disk_.files;
  disk_.files.certificate = "/nonexistent/certificate.pem";
  expect_refusal_that_names("/nonexistent/certificate.pem", "No such file");
  disk_.files.certificate = disk_.write("garbage.pem", "this is no certificate\n");
  expect_refusal_that_names(disk_.files.certificate, "no start line");

  disk_.files = good;
  disk_.files.key = "/nonexistent/key.pem";
  expect_refusal_that_names("/nonexistent/key.pem", "No such file");
  disk_.files.key = disk_.write("garbage.pem", "this is no key\n");
  expect_refusal_that_names(disk_.files.key, "must be in PEM form");
  disk_.files.key = disk_.write("other.pem", make_test_certificate("other").key);
  expect_refusal_that_names(disk_.files.key, "does not belong to the certificate " + good.certificate.string());

  disk_.files = good;
  disk_.files.client_ca = "/nonexistent/authority.pem";
  expect_refusal_that_names("/nonexistent/authority.pem", "No such file");
  disk_.files.client_ca = disk_.write("garbage.pem", "nobody\n");
  expect_refusal_that_names(disk_.files.client_ca, "no certificate");
}

TEST_F(TlsContextTest, AKeyThatOthersMayReadIsRefused) {
  for (const unsigned mode : {0604u, 0602u, 0601u, 0644u}) {
    disk_.files.key = disk_.write("key.pem", certificate_.key, mode);
    expect_refusal_that_names(disk_.files.key, "chmod o= ");
  }
}

TEST_F(TlsContextTest, AnEncryptedKeyIsRefusedWithoutAskingForThePassword) {
  disk_.files.key = disk_.write("key.pem",
                                "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg=\n"
                                "-----END ENCRYPTED PRIVATE KEY-----\n");
  expect_refusal_that_names(disk_.files.key, "not encrypted");
}

/// The certificate that a new connection is shown, and the connection.
struct Shown {
  std::unique_ptr<Transport> server;
  std::unique_ptr<TlsPeer> client;
  int wire = -1;

  explicit Shown(const MakeTransport& make) : client(std::make_unique<TlsPeer>()) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) throw std::runtime_error("no sockets");
    server = make(ends[0]);
    wire = ends[1];
    while (!client->established()) move();
  }
  ~Shown() { ::close(wire); }
  /// Moves bytes both ways; what the server heard.
  std::string move() {
    const std::string out = client->take();
    EXPECT_EQ(::send(wire, out.data(), out.size(), MSG_NOSIGNAL), static_cast<ssize_t>(out.size()));
    char bytes[65'536];
    server->readiness({.readable = true});
    const IoOutcome heard = server->receive(bytes);
    std::string text(bytes, heard.bytes);
    if (const ssize_t count = ::recv(wire, bytes, sizeof bytes, 0); count > 0) {
      client->put({bytes, static_cast<std::size_t>(count)});
    }
    return text;
  }
};

TEST_F(TlsContextTest, ANewCertificateIsForNewConnectionsAndOldOnesGoOn) {
  auto context = TlsContext::load(disk_.files, metrics_);
  ASSERT_TRUE(context);
  // The function that a listener was given before sees the new one too.
  const MakeTransport make = (*context)->transports(ClientCertificates::requested);
  Shown before(make);
  EXPECT_EQ(before.client->server_certificate_sha256(), certificate_.sha256);
  const TestCertificate second = make_test_certificate("second");
  disk_.replace(second);
  ASSERT_TRUE((*context)->reload(disk_.files));
  before.client->write("still here");
  EXPECT_EQ(before.move(), "still here");
  const Shown after(make);
  EXPECT_EQ(after.client->server_certificate_sha256(), second.sha256);
  // A context may go before the transports that it has made.
  context->reset();
  before.client->write("and now");
  EXPECT_EQ(before.move(), "and now");
}

TEST_F(TlsContextTest, AnUnusableNewCertificateLeavesTheOldOne) {
  auto context = TlsContext::load(disk_.files, metrics_);
  ASSERT_TRUE(context);
  disk_.write("certificate.pem", "half of a certif");
  const auto reloaded = (*context)->reload(disk_.files);
  ASSERT_FALSE(reloaded);
  EXPECT_TRUE(is(reloaded.error(), Errc::certificate_unusable));
  EXPECT_EQ(Shown((*context)->transports(ClientCertificates::ignored)).client->server_certificate_sha256(),
            certificate_.sha256);
  EXPECT_NE(metrics_.scrape().find("iotplatform_tls_reloads_failed_total 1\n"), std::string::npos);
}

}  // namespace
}  // namespace iot::net
