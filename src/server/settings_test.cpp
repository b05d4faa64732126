#include "server/settings.h"

#include <fstream>

#include <gtest/gtest.h>

namespace iot::server {
namespace {

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override { file_ = testing::TempDir() + "settings_test.toml"; }
  void TearDown() override { std::filesystem::remove(file_); }

  void write_file(const std::string& text) {
    std::ofstream(file_) << text;
    layers_.file = file_;
  }
  std::string message() {
    const auto result = configure(layers_);
    return result ? "accepted" : result.error().message;
  }
  std::string source_of(const std::string& name) {
    for (const auto& setting : configure(layers_).value().effective) {
      if (setting.name == name) return setting.source;
    }
    return "no such setting";
  }

  std::filesystem::path file_;
  Layers layers_;
};

TEST_F(SettingsTest, DefaultsAreThoseOfTheContract) {
  const auto settings = configure(layers_).value().settings;
  EXPECT_EQ(settings.listen, "127.0.0.1");
  EXPECT_EQ(settings.core_port, Port{8080});
  EXPECT_EQ(settings.dashboards_port, Port{5601});
  EXPECT_EQ(settings.jobs_port, Port{8081});
  EXPECT_EQ(settings.http_ports, (std::vector<std::uint16_t>{8083, 8084}));
  EXPECT_EQ(settings.query_port, Port{9000});
  EXPECT_EQ(settings.profile, Profile::standard);
}

TEST_F(SettingsTest, TlsNeedsACertificateAndItsKey) {
  layers_.flags = {{"tls.listeners", "http, core"}};
  EXPECT_EQ(message(),
            "tls.listeners = \"core,http\" needs a certificate: set tls.certificate and tls.key to PEM files");
  layers_.flags["tls.certificate"] = "server.pem";
  EXPECT_EQ(message(), "tls.certificate is set and tls.key is not; TLS needs both, each a PEM file");
  layers_.flags["tls.key"] = "key.pem";
  EXPECT_EQ(message(), "accepted");
  EXPECT_EQ(configure(layers_).value().settings.tls_listeners, (std::set<std::string>{"core", "http"}));
  layers_.flags.erase("tls.certificate");
  EXPECT_EQ(message(), "tls.key is set and tls.certificate is not; TLS needs both, each a PEM file");
  // Without a listener of those it may be for MQTT.
  layers_.flags = {{"tls.certificate", "server.pem"}, {"tls.key", "key.pem"}};
  EXPECT_EQ(message(), "accepted");
  layers_.flags = {{"tls.listeners", "mqtt"}};
  EXPECT_NE(message().find("allowed: core, http, websocket and query"), std::string::npos);
}

TEST_F(SettingsTest, WhatIsCoarseIsKeptLongerThanWhatIsFine) {
  layers_.flags = {{"store.retention_s", "10"}, {"store.rollup_hours_s", "11"}, {"store.rollup_days_s", "12"}};
  EXPECT_EQ(message(), "accepted");
  layers_.flags["store.rollup_minutes_s"] = "10";
  EXPECT_EQ(message(), "store.rollup_minutes_s = 10 must be more than store.retention_s = 10, or 0 for none");
  layers_.flags = {{"store.rollup_minutes_s", "13"}, {"store.rollup_days_s", "12"}};
  EXPECT_EQ(message(), "store.rollup_days_s = 12 must be more than store.rollup_minutes_s = 13, or 0 for none");
}

TEST_F(SettingsTest, EveryDefaultIsAnAllowedValue) {
  for (const auto& declaration : declarations()) {
    layers_.flags = {{declaration.name, declaration.default_value}};
    EXPECT_EQ(message(), "accepted") << declaration.name;
  }
}

TEST_F(SettingsTest, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  write_file("[core]\nport = 1001\n[http]\nports = [1002, 1003]\n[query]\nport = \"off\"\n");
  layers_.environment = {{"core.port", "2001"}, {"http.ports", "2002"}};
  layers_.flags = {{"core.port", "3001"}};
  const auto settings = configure(layers_).value().settings;
  EXPECT_EQ(settings.core_port, Port{3001});
  EXPECT_EQ(settings.http_ports, std::vector<std::uint16_t>{2002});
  EXPECT_EQ(settings.query_port, Port{});
  EXPECT_EQ(source_of("core.port"), "flag --core.port");
  EXPECT_EQ(source_of("http.ports"), "environment IOTPLATFORM_HTTP__PORTS");
  EXPECT_EQ(source_of("query.port"), "file " + file_.string());
  EXPECT_EQ(source_of("server.listen"), "default");
}

TEST_F(SettingsTest, AnArrayInTheFileIsAList) {
  write_file("[http]\nports = [1002, 1003]\n");
  EXPECT_EQ(configure(layers_).value().settings.http_ports, (std::vector<std::uint16_t>{1002, 1003}));
}

TEST_F(SettingsTest, AnUnknownNameIsRefusedWithItsSourceAndTheNearestName) {
  layers_.environment = {{"core.prot", "1"}};
  EXPECT_EQ(message(),
            "unknown setting core.prot (environment IOTPLATFORM_CORE__PROT); the nearest one is core.port, and "
            "`iotplatform config` lists all");
}

TEST_F(SettingsTest, AValueOutOfRangeIsRefusedWithWhatIsAllowed) {
  layers_.flags = {{"core.port", "65536"}};
  EXPECT_EQ(message(),
            "core.port = \"65536\" (flag --core.port) is not allowed; allowed: a port from 1 to 65535, 0 for any "
            "free one, or off");
}

TEST_F(SettingsTest, EachLimitHoldsAtBelowAndAbove) {
  const std::vector<std::tuple<std::string, std::string, bool>> cases{
      {"server.io_threads", "0", true},
      {"server.io_threads", "1024", true},
      {"server.io_threads", "1025", false},
      {"server.io_threads", "-1", false},
      {"server.io_threads", "", false},
      {"server.io_threads", "1x", false},
      {"http.ports", "0,0", true},
      {"http.ports", "1,,2", false},
      {"http.ports", "off", true},
      {"log.segment_bytes", "1 MiB", true},
      {"log.segment_bytes", "1048575", false},
      {"log.segment_bytes", "4GiB", true},
      {"log.segment_bytes", "5 GiB", false},
      {"log.segment_bytes", "18446744073709551615 KiB", false},
      {"server.listen", "127.0.0.1", true},
      {"server.listen", "::1", true},
      {"server.listen", "example.org", false},
      {"server.profile", "demo", true},
      {"server.profile", "Demo", false},
      {"server.roles", "core,http", true},
      {"server.roles", "core,", false},
      {"logging.level", "loud", false},
      {"logging.format", "json", true},
      {"access.accept_legacy_tokens", "yes", false},
      {"websocket.ports", "8765,8766", true},
      {"websocket.origins", "*", true},
      {"websocket.origins", "https://a.example,http://b.example:8080", true},
      {"websocket.origins", "a.example", false},
      {"websocket.origins", "https://a.example/page", false},
      {"websocket.origins", "https://a.example,", false},
      {"websocket.timeout_s", "31", true},
      {"websocket.timeout_s", "30", false},
      {"mqtt.port", "off", true},
      {"mqtt.port", "1883", true},
  };
  for (const auto& [name, value, allowed] : cases) {
    layers_.flags = {{name, value}};
    EXPECT_EQ(message() == "accepted", allowed) << name << " = " << value << ": " << message();
  }
}

TEST_F(SettingsTest, TheDemoProfileRefusesToListenBeyondLoopback) {
  layers_.flags = {{"server.profile", "demo"}, {"server.listen", "0.0.0.0"}};
  EXPECT_NE(message().find("loopback"), std::string::npos) << message();
  layers_.flags = {{"server.profile", "default"}, {"server.listen", "0.0.0.0"}};
  EXPECT_EQ(message(), "accepted");
}

TEST_F(SettingsTest, AFileThatIsNotThereIsNamed) {
  layers_.file = "/nowhere/iotplatform.toml";
  EXPECT_NE(message().find("/nowhere/iotplatform.toml"), std::string::npos);
}

TEST_F(SettingsTest, AFileThatIsNoTextIsRefused) {
  write_file(std::string("[core]\nport = 1\n\0", 18));
  EXPECT_NE(message().find("no text"), std::string::npos) << message();
}

TEST_F(SettingsTest, TheEnvironmentIsReadByItsPrefix) {
  char one[] = "IOTPLATFORM_CORE__PORT=1=2";
  char two[] = "IOTPLATFORM=x";
  char three[] = "PATH=/bin";
  char* environment[] = {one, two, three, nullptr};
  EXPECT_EQ(settings_in_environment(environment), (std::map<std::string, std::string>{{"core.port", "1=2"}}));
}

}  // namespace
}  // namespace iot::server
