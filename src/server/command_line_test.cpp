#include "server/command_line.h"

#include <gtest/gtest.h>

namespace iot::server {
namespace {

Result<ParsedCommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "iotplatform");
  char* environment[] = {nullptr};
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), environment);
}

TEST(CommandLine, TakesSettingsByTheirFullAndTheirShortName) {
  const auto line =
      parse({"serve", "--data-dir", "here", "--core.port=0", "--role", "core,http", "--config", "a.toml"});
  ASSERT_TRUE(line) << line.error().message;
  const auto& layers = line->command->layers;
  EXPECT_EQ(line->command->command, Command::serve);
  EXPECT_EQ(layers.flags, (std::map<std::string, std::string>{
                              {"server.data_dir", "here"}, {"core.port", "0"}, {"server.roles", "core,http"}}));
  EXPECT_EQ(layers.file, "a.toml");
}

TEST(CommandLine, TheLastOfTwoWins) {
  EXPECT_EQ(parse({"serve", "--core.port", "1", "--core.port", "2"})->command->layers.flags.at("core.port"), "2");
}

TEST(CommandLine, AnUnknownFlagIsLeftForTheSettingsToRefuseByName) {
  const auto line = parse({"serve", "--core.prot", "1"});
  ASSERT_TRUE(line);
  const auto configured = configure(line->command->layers);
  ASSERT_FALSE(configured);
  EXPECT_TRUE(is(configured.error(), Errc::unknown_setting));
}

TEST(CommandLine, AStrayWordIsRefused) {
  const auto line = parse({"serve", "--core.port", "0", "now"});
  ASSERT_FALSE(line);
  EXPECT_NE(line.error().message.find("now"), std::string::npos);
}

TEST(CommandLine, WithoutACommandItSaysWhatToDo) {
  const auto line = parse({});
  ASSERT_FALSE(line);
  EXPECT_NE(line.error().message.find("--help"), std::string::npos);
}

TEST(CommandLine, HelpNamesEveryCommand) {
  const auto help = parse({"--help"})->help;
  for (const auto* command : {"serve", "config", "verify", "backup", "restore", "compact", "import", "export", "token",
                              "password", "bench", "version"}) {
    EXPECT_NE(help.find(command), std::string::npos) << command;
  }
}

TEST(CommandLine, CommandsTakeTheirOwnArguments) {
  EXPECT_TRUE(parse({"verify", "--repair"})->command->repair);
  EXPECT_EQ(parse({"import", "-", "--format", "jsonl"})->command->format, "jsonl");
  EXPECT_EQ(parse({"export", "3_4", "3_5"})->command->indices, (std::vector<std::string>{"3_4", "3_5"}));
  EXPECT_FALSE(parse({"import"}));
  EXPECT_FALSE(parse({"import", "x", "--format", "xml"}));
  EXPECT_FALSE(parse({"token", "tree", "1"}));
  const auto bench = parse({"bench", "--address", "127.0.0.1:1883", "--qos", "2", "--pid", "1,2", "--verify"});
  ASSERT_TRUE(bench) << bench.error().message;
  EXPECT_EQ(bench->command->bench.qos, 2u);
  EXPECT_EQ(bench->command->bench.pids, (std::vector<int>{1, 2}));
  EXPECT_TRUE(bench->command->bench.verify);
  EXPECT_FALSE(parse({"bench", "--address", "127.0.0.1:1883", "--core.port", "0"}));
}

}  // namespace
}  // namespace iot::server
