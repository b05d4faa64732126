// Damage on disk is found, named and counted, and nothing of it is served.
#include <fstream>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "store/embedded/chunk_entry.h"
#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

constexpr SensorId sensor{3};
constexpr SensorId other{6};

EmbeddedStoreOptions options() {
  EmbeddedStoreOptions options;
  options.memory_bytes_max = 16u << 20;
  options.readings_per_chunk = 4096;
  options.maintenance_interval = {};
  return options;
}

/// Two sensors with three large chunks each, on disk.
void fill(StoreWorld& world) {
  std::mt19937_64 random(1);
  for (std::int64_t i = 0; i < 3 * 4096; ++i) {
    world.add(sensor, i * 1000, static_cast<std::int64_t>(random() % 1'000'000));
    world.add(other, i * 1000, static_cast<std::int64_t>(random() % 1'000'000));
  }
  world.commit();
  ASSERT_TRUE(world.store().flush());
  ASSERT_TRUE(world.store().close());
  world.close();
}

/// Changes what lies in the database behind the store's back.
class Database {
 public:
  explicit Database(const std::filesystem::path& path) {
    rocksdb::DB* db = nullptr;
    const auto status = rocksdb::DB::Open({}, path.string(), &db);
    EXPECT_TRUE(status.ok()) << status.ToString();
    db_.reset(db);
  }

  /// Keys of the sensor's entries that begin with `prefix`.
  std::vector<std::string> keys(char prefix, SensorId of) {
    std::string start = index_prefix(of);
    start[0] = prefix;
    std::vector<std::string> found;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
    for (at->Seek(start); at->Valid() && at->key().starts_with(start); at->Next()) {
      found.push_back(at->key().ToString());
    }
    return found;
  }

  std::string get(const std::string& key) {
    std::string value;
    EXPECT_TRUE(db_->Get({}, key, &value).ok());
    return value;
  }
  void put(const std::string& key, const std::string& value) { EXPECT_TRUE(db_->Put({}, key, value).ok()); }
  void erase(const std::string& key) { EXPECT_TRUE(db_->Delete({}, key).ok()); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

struct ScanResult {
  std::size_t readings = 0;
  std::vector<std::string> faults;
};

ScanResult scan_past_faults(EmbeddedStore& store, SensorId of) {
  ScanResult result;
  auto cursor = store.scan(of, {}, Direction::ascending);
  while (true) {
    auto more = (*cursor)->next();
    if (!more) {
      EXPECT_TRUE(is(more.error(), Errc::damaged));
      result.faults.push_back(more.error().message);
      continue;
    }
    if (!*more) return result;
    auto block = (*cursor)->block();
    if (!block) {
      EXPECT_TRUE(is(block.error(), Errc::damaged));
      result.faults.push_back(block.error().message);
      continue;
    }
    result.readings += block->size();
  }
}

class StoreDamageTest : public ::testing::Test {
 protected:
  StoreDamageTest() : world_(options()) { fill(world_); }

  std::vector<std::string> verify() {
    std::vector<std::string> faults;
    const auto totals =
        EmbeddedStore::verify(world_.path(), [&faults](std::string_view fault) { faults.emplace_back(fault); });
    EXPECT_TRUE(totals);
    EXPECT_EQ(totals->damaged, faults.size());
    return faults;
  }

  StoreWorld world_;
};

TEST_F(StoreDamageTest, VerifyFindsNothingInASoundStore) {
  EXPECT_TRUE(verify().empty());
  const auto totals = EmbeddedStore::verify(world_.path(), [](std::string_view) {});
  EXPECT_EQ(totals->chunks, 6u);
  EXPECT_EQ(totals->readings, world_.expected(sensor).size() + world_.expected(other).size());
}

TEST_F(StoreDamageTest, AFlippedByteInAChunkIsFoundAndTheOtherChunksAreServed) {
  {
    Database database(world_.path());
    const auto keys = database.keys('c', sensor);
    ASSERT_EQ(keys.size(), 3u);
    std::string value = database.get(keys[1]);
    value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 0x10);
    database.put(keys[1], value);
  }
  const auto faults = verify();
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("sensor 3 from 4096000 to 8191000 ns"), std::string::npos) << faults[0];
  world_.reopen();
  const ScanResult scanned = scan_past_faults(world_.store(), sensor);
  EXPECT_EQ(scanned.readings, 2u * 4096);
  ASSERT_EQ(scanned.faults.size(), 1u);
  EXPECT_NE(scanned.faults[0].find("sensor 3 from 4096000"), std::string::npos) << scanned.faults[0];
  EXPECT_EQ(world_.metric("iotplatform_store_damaged_chunks_total"), 1);
  world_.check(other, {}, Direction::ascending);
  // Merging leaves it alone rather than losing it quietly.
  ASSERT_TRUE(world_.store().compact());
  EXPECT_EQ(scan_past_faults(world_.store(), sensor).faults.size(), 1u);
}

TEST_F(StoreDamageTest, AMissingOrExchangedChunkIsFound) {
  {
    Database database(world_.path());
    const auto keys = database.keys('c', sensor);
    database.erase(keys[0]);
    database.put(keys[1], database.get(keys[2]));
  }
  EXPECT_EQ(verify().size(), 2u);
  world_.reopen();
  const ScanResult scanned = scan_past_faults(world_.store(), sensor);
  EXPECT_EQ(scanned.readings, 4096u);
  EXPECT_EQ(scanned.faults.size(), 2u);
}

TEST_F(StoreDamageTest, ADamagedIndexEntryIsFoundAndTheSensorCanStillBeRemoved) {
  {
    Database database(world_.path());
    const auto keys = database.keys('i', sensor);
    std::string value = database.get(keys[1]);
    value[6] = static_cast<char>(value[6] ^ 1);
    database.put(keys[1], value);
  }
  EXPECT_EQ(verify().size(), 1u);
  world_.reopen();
  EXPECT_EQ(scan_past_faults(world_.store(), sensor).faults.size(), 1u);
  EXPECT_FALSE(world_.store().info(sensor));
  ASSERT_TRUE(world_.store().maintain());
  ASSERT_TRUE(world_.store().remove(sensor));
  world_.model(sensor).clear();
  world_.check_all();
}

TEST_F(StoreDamageTest, NoFlippedByteOfAFileIsEverServed) {
  std::filesystem::path file;
  for (const auto& entry : std::filesystem::directory_iterator(world_.path())) {
    if (entry.path().extension() == ".sst") file = entry.path();
  }
  ASSERT_FALSE(file.empty());
  const auto bytes = std::filesystem::file_size(file);
  const Readings sound = world_.expected(sensor);
  std::size_t found = 0;
  constexpr std::size_t places = 40;
  for (std::size_t i = 0; i < places; ++i) {
    const auto at = static_cast<std::streamoff>(bytes * i / places);
    const auto flip = [&] {
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      stream.seekg(at);
      const int byte = stream.get();
      stream.seekp(at);
      stream.put(static_cast<char>(byte ^ 0x40));
    };
    flip();
    Metrics metrics;
    auto store = EmbeddedStore::open(world_.path(), options(), metrics, world_.clock());
    if (store) {
      for (const SensorId of : {sensor, other}) {
        auto cursor = (*store)->scan(of, {}, Direction::ascending);
        Readings readings;
        bool failed = false;
        while (!failed) {
          auto more = (*cursor)->next();
          if (more && !*more) break;
          auto block = more ? (*cursor)->block() : Result<Block>(more.error());
          failed = !block;
          if (block) {
            const auto some = readings_of(*block);
            readings.insert(readings.end(), some.begin(), some.end());
          }
        }
        found += failed;
        // What was served before the fault is right.
        const Readings wanted = world_.expected(of);
        ASSERT_LE(readings.size(), wanted.size());
        ASSERT_TRUE(std::equal(readings.begin(), readings.end(), wanted.begin())) << "byte " << at;
        ASSERT_TRUE(failed || readings.size() == wanted.size()) << "byte " << at;
      }
    } else {
      ++found;
    }
    store = make_error(Errc::io_failed, "closed");
    EXPECT_FALSE(verify().empty()) << "byte " << at;
    flip();
  }
  EXPECT_GT(found, places / 2);
}

TEST_F(StoreDamageTest, ANewerFormatIsRefused) {
  Database(world_.path()).put(std::string(format_key), number_value(database_format_rolled_up + 1));
  Metrics metrics;
  const auto store = EmbeddedStore::open(world_.path(), options(), metrics, world_.clock());
  ASSERT_FALSE(store);
  EXPECT_TRUE(is(store.error(), Errc::newer_format));
  Database(world_.path()).put(std::string(format_key), number_value(database_format));
  world_.reopen();
  world_.check_all();
}

}  // namespace
}  // namespace iot::store
