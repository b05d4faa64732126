// Any bytes as the log's files: verify and a start never do worse than refuse them, what is served is what is whole,
// and after a repair the log starts.
//
// The first byte says how the others are used: as a whole file, as what follows a good header, or as instructions for a
// file of good records with faults in it, so that the fuzzer gets past the checksums.
#include <cstdlib>

#include "base/bytes.h"
#include "base/logging.h"
#include "base/testing/simulated_disk.h"
#include "log/embedded/embedded_log.h"
#include "log/embedded/segment_directory.h"

namespace {

using namespace iot;
using namespace iot::log;

constexpr std::uint32_t salt = 7;
const std::string directory = "data/log";

/// Each instruction is a byte: a record of so many bytes, or one of a few kinds of fault.
std::string file_of_instructions(ByteReader& reader) {
  std::string file = encode_segment_header({{1}, salt, {}});
  RecordHeader header{{1}, 0, 0, 0};
  while (!reader.empty() && file.size() < 20'000) {
    const auto instruction = reader.fixed<std::uint8_t>();
    const std::size_t start = file.size();
    append_record(file, header, std::string(1 + instruction % 50, static_cast<char>(instruction)), salt);
    ++header.position.value;
    ++header.index_in_group;
    switch (instruction / 50) {
      case 1:
        header.index_in_group = 0;
        break;
      case 2:
        file[start + reader.fixed<std::uint8_t>() % (file.size() - start)] ^= 4;
        break;
      case 3:
        header.position.value += reader.fixed<std::uint8_t>();
        break;
      case 4:
        file.resize(start + reader.fixed<std::uint8_t>() % (file.size() - start));
        break;
      case 5:
        append_gap(file, header.position, salt);
        ++header.position.value;
        break;
      default:
        break;
    }
  }
  return file;
}

std::string file_of(std::string_view bytes) {
  ByteReader reader(bytes);
  switch (reader.fixed<std::uint8_t>() % 3) {
    case 0:
      return std::string(bytes.substr(1));
    case 1:
      return encode_segment_header({{1}, salt, {}}) + std::string(bytes.substr(1));
    default:
      return file_of_instructions(reader);
  }
}

struct CountingSink final : CommitSink {
  void committed(std::span<const Record> records) noexcept override {
    for (const Record& record : records) {
      if (record.position <= last || record.payload.empty()) std::abort();
      last = record.position;
      ++count;
    }
  }
  Position last;
  std::uint64_t count = 0;
};

Result<std::uint64_t> start(FileSystem& files) {
  Metrics metrics;
  CountingSink sink;
  EmbeddedLogOptions options;
  options.segment_bytes = 4'096;
  IOT_TRY(const auto log, EmbeddedLog::open(files, directory, options, metrics, {}, sink));
  return sink.count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  set_log_level(LogLevel::error);
  iot::testing::SimulatedDisk disk;
  const std::string path = segment_path(directory, {1});
  if (!disk.open(path, OpenMode::create)) std::abort();
  disk.replace_contents(path, file_of({reinterpret_cast<const char*>(data), size}));

  const auto verified = EmbeddedLog::verify(disk, directory);
  // A newer format is the only thing that cannot be looked through.
  if (!verified) return is(verified.error(), Errc::newer_format) ? 0 : (std::abort(), 0);
  const auto started = start(disk);
  if (started.has_value() != verified->is_whole()) std::abort();
  if (started && *started != verified->records) std::abort();

  const auto repaired = EmbeddedLog::repair(disk, directory);
  if (!repaired || repaired->records_kept != verified->records) std::abort();
  const auto verified_again = EmbeddedLog::verify(disk, directory);
  if (!verified_again || !verified_again->is_whole()) std::abort();
  const auto started_again = start(disk);
  if (!started_again || *started_again != verified->records) std::abort();
  return 0;
}
