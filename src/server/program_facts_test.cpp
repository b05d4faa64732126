#include "server/program_facts.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "server/data_directory.h"

namespace iot::server {
namespace {

TEST(ProgramFacts, ShowEverySettingAsItIs) {
  Layers layers;
  layers.flags["core.port"] = "8200";
  const auto shown = settings_to_show(configure(layers).value());
  ASSERT_EQ(shown.size(), declarations().size());
  const auto core = std::ranges::find(shown, "core.port", &api::SettingView::name);
  ASSERT_NE(core, shown.end());
  EXPECT_EQ(core->value, "8200");
  EXPECT_EQ(core->source, "flag --core.port");
  EXPECT_EQ(core->default_value, "8080");
  EXPECT_FALSE(core->meaning.empty());
  EXPECT_FALSE(core->allowed.empty());
}

TEST(ProgramFacts, MeasureTheProcessAndItsDisk) {
  std::string name = (std::filesystem::temp_directory_path() / "facts XXXXXX").string();
  ASSERT_TRUE(::mkdtemp(name.data()));
  Settings settings;
  settings.data_dir = name;
  settings.store_disk_bytes_max = 7;
  std::ofstream(settings.data_dir / "file") << std::string(100'000, 'x');
  const auto facts = program_facts(settings, std::chrono::seconds(3)).value();
  const std::uint64_t measured = directory_bytes(settings.data_dir);
  std::filesystem::remove_all(name);
  EXPECT_EQ(facts.uptime, std::chrono::seconds(3));
  EXPECT_EQ(facts.data_dir, name);
  EXPECT_EQ(facts.data_bytes_max, 7u);
  EXPECT_EQ(facts.data_bytes, measured);
  EXPECT_GT(facts.memory_bytes, 1'000'000u);
  EXPECT_GT(facts.disk_bytes, facts.disk_free_bytes);
  EXPECT_FALSE(program_facts(settings, {})) << "the directory is gone";
}

}  // namespace
}  // namespace iot::server
