#include "server/command_line.h"

#include <map>
#include <memory>

#include <CLI/CLI.hpp>

namespace iot::server {
namespace {

/// The options of one subcommand and where they put what was given.
class Parser {
 public:
  Parser() : app_("An IoT platform in one program: devices, readings, queries.", "iotplatform") {
    app_.require_subcommand(1);
    app_.set_help_all_flag("--help-all", "The options of all commands");
    add(Command::serve, "serve", "Run the platform until SIGTERM or SIGINT");
    add(Command::config, "config", "Print every effective setting and where it came from")
        ->add_flag("--markdown", line_.markdown, "The table of all settings for the documentation");
    add(Command::verify, "verify", "Read everything under the data directory and check every checksum")
        ->add_flag("--repair", line_.repair, "Keep what is whole, put the damaged aside, list what is lost");
    add(Command::backup, "backup", "Copy the data directory, consistently, to DIR")
        ->add_option("DIR", line_.path)
        ->required();
    add(Command::restore, "restore", "Make the data directory from a backup in DIR")
        ->add_option("DIR", line_.path)
        ->required();
    add(Command::compact, "compact", "Seal and compact the reading store, as the platform does in time by itself");
    CLI::App* import =
        add(Command::import, "import", "Take in readings from FILE (CSV or JSON lines; - for standard input)");
    import->add_option("FILE", line_.path)->required();
    add_format(import);
    CLI::App* exporting = add(Command::export_, "export", "Write readings to standard output (CSV or JSON lines)");
    exporting->add_option("INDEX", line_.indices, "Only these, such as 3_4 (device 3, sensor 4)");
    add_format(exporting);
    CLI::App* token = add(Command::token, "token", "Print a token for a device, consumer or user");
    token->add_option("KIND", line_.kind)->required()->check(CLI::IsMember({"device", "consumer", "user"}));
    token->add_option("ID", line_.subject)->required();
    add(Command::password, "password", "Give a user a new password and print it")
        ->add_option("USERNAME", line_.subject, "root if absent");
    add_bench();
    add(Command::version, "version", "Print the version");
  }

  Result<ParsedCommandLine> parse(int count, const char* const* arguments) {
    ParsedCommandLine parsed;
    try {
      app_.parse(count, arguments);
    } catch (const CLI::CallForHelp&) {
      parsed.help = app_.help();
      for (const CLI::App* subcommand : app_.get_subcommands()) parsed.help = subcommand->help();
      return parsed;
    } catch (const CLI::CallForAllHelp&) {
      parsed.help = app_.help("", CLI::AppFormatMode::All);
      return parsed;
    } catch (const CLI::ParseError& error) {
      return make_error(Errc::usage, std::string(error.what()) + " (see iotplatform --help)");
    }
    IOT_CHECK(collect_settings());
    parsed.command = std::move(line_);
    return parsed;
  }

 private:
  struct Options {
    std::map<std::string, std::string> settings;
    std::map<std::string, CLI::Option*> given;
    std::string config_file;
    CLI::App* app = nullptr;
    Command command = Command::serve;
  };

  CLI::App* add(Command command, const char* name, const char* meaning) {
    auto& options = *commands_.emplace_back(std::make_unique<Options>());
    options.app = app_.add_subcommand(name, meaning);
    options.command = command;
    // These know no settings.
    if (command == Command::version || command == Command::bench) return options.app;
    options.app->allow_extras();
    options.app->add_option("--config", options.config_file, "A TOML file with settings");
    for (const auto& declaration : declarations()) {
      const std::string names = "--" + declaration.name + (declaration.flag.empty() ? "" : "," + declaration.flag);
      CLI::Option* option = options.app->add_option(names, options.settings[declaration.name], declaration.meaning);
      options.given[declaration.name] = option;
      option->type_name("")->default_str(declaration.default_value)->take_last()->group("Settings");
    }
    return options.app;
  }

  void add_format(CLI::App* app) {
    app->add_option("--format", line_.format, "csv or jsonl; otherwise by the file's name")
        ->check(CLI::IsMember({"csv", "jsonl"}));
  }

  void add_bench() {
    CLI::App* app = add(Command::bench, "bench", "Make load on a platform or a broker, and measure (docs/bench.md)");
    bench::Options& to = line_.bench;
    app->add_option("--protocol", to.protocol, "mqtt, http or websocket")->capture_default_str();
    app->add_option("--address", to.address, "The listener, such as 127.0.0.1:1883")->required();
    app->add_option("--connections", to.connections, "Connections that send")->capture_default_str();
    app->add_option("--window", to.window, "Messages under way on each")->capture_default_str();
    app->add_option("--qos", to.qos, "Of MQTT")->capture_default_str();
    app->add_option("--mqtt-version", to.mqtt_version, "3.1, 3.1.1 or 5.0")->capture_default_str();
    app->add_option("--duration", to.duration_s, "Seconds; 0: until --messages are sent")->capture_default_str();
    app->add_option("--messages", to.messages, "At most so many in all");
    app->add_option("--readings-per-message", to.readings_per_message)->capture_default_str();
    app->add_option("--rate", to.rate, "Messages a second at scheduled times; without it, as fast as answers come");
    app->add_option("--threads", to.threads, "Of the load generator")->capture_default_str();
    app->add_flag("--ack", to.wants_answers, "WebSocket: ask for an answer to each message");
    app->add_option("--subscribers", to.subscribers, "One publisher, and so many subscribers");
    app->add_flag("--live", to.live, "Subscribers are consumers that follow the sensor");
    app->add_option("--idle", to.idle, "Hold so many connections, and measure the memory of --pid");
    app->add_flag("--reconnect", to.reconnect, "Drop all connections at once, and measure until all are back");
    app->add_option("--topic", to.topic, "MQTT: instead of the device's own");
    app->add_option("--path", to.path, "Of a WebSocket")->capture_default_str();
    app->add_flag("--plain-broker", to.plain_broker, "No user and any topic, for other brokers");
    app->add_option("--token", to.token, "A device's token");
    app->add_option("--token-file", to.token_file, "A token and a sensor's id on each line");
    app->add_option("--sensor", to.sensor, "The sensor of --token");
    app->add_option("--core", to.core, "The REST API, where devices are made, such as http://127.0.0.1:8080");
    app->add_option("--user", to.user, "Who makes them")->capture_default_str();
    app->add_option("--password", to.password);
    app->add_option("--devices", to.devices, "How many are made; otherwise one for each connection");
    app->add_flag("--verify", to.verify, "Afterwards, compare what is stored with what was acknowledged");
    app->add_option("--query", to.query, "Where --verify asks, such as http://127.0.0.1:9000");
    app->add_option("--pid", to.pids, "The server's process (or several), for its CPU time and memory")->delimiter(',');
    app->add_flag("--json", to.json, "Print JSON");
  }

  Result<void> collect_settings() {
    for (const auto& options : commands_) {
      if (!options->app->parsed()) continue;
      line_.command = options->command;
      if (!options->config_file.empty()) line_.layers.file = options->config_file;
      for (const auto& [name, value] : options->settings) {
        if (options->given.at(name)->count() > 0) line_.layers.flags[name] = value;
      }
      IOT_CHECK(collect_unknown(options->app->remaining()));
    }
    return {};
  }

  /// What no option took: settings that do not exist (with what looks like their values), which are refused by name
  /// together with those of the other layers, and stray words.
  Result<void> collect_unknown(const std::vector<std::string>& words) {
    bool after_flag = false;
    for (const auto& word : words) {
      const bool is_flag = word.starts_with("--");
      if (is_flag) line_.layers.flags[word.substr(2, word.find('=') - 2)] = "";
      if (!is_flag && !after_flag)
        return make_error(Errc::usage, "unexpected argument " + word + " (see iotplatform --help)");
      after_flag = is_flag && word.find('=') == std::string::npos;
    }
    return {};
  }

  CLI::App app_;
  CommandLine line_;
  std::vector<std::unique_ptr<Options>> commands_;
};

}  // namespace

Result<ParsedCommandLine> parse_command_line(int count, const char* const* arguments, char** environment) {
  IOT_TRY(ParsedCommandLine parsed, Parser().parse(count, arguments));
  if (parsed.command) parsed.command->layers.environment = settings_in_environment(environment);
  return parsed;
}

}  // namespace iot::server
