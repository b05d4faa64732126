// The decoder on any bytes. What it takes must be JSON to another parser and hold as many readings, and the shortcut
// for usual readings must see what the general way sees.
#include <cstdint>
#include <cstdlib>

#include <boost/json.hpp>

#include "ingest/ingestor.h"
#include "ingest/testing/sample_snapshot.h"

namespace {

using namespace iot;
using ingest::testing::PaddedText;

struct Decoded {
  bool good = false;
  std::string encoded;
  std::size_t readings = 0;
};

Decoded decode(std::string_view text) {
  static const registry::Snapshot snapshot = ingest::testing::sample_snapshot();
  static ingest::Decoder decoder({.readings_max = 50, .text_bytes_max = 200, .depth_max = 8, .faults_max = 5});
  static model::ReadingBatch batch;
  Decoded decoded;
  const auto faults = decoder.decode(PaddedText(text), ingest::testing::device, snapshot, Timestamp{7}, batch);
  decoded.good = faults.empty();
  if (decoded.good) {
    decoded.readings = batch.size();
    batch.encode(decoded.encoded);
  } else {
    std::string told;
    ingest::append_faults_json(told, faults);
    boost::system::error_code error;
    boost::json::parse(told, error);
    if (error) std::abort();
  }
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Decoded decoded = decode(text);

  // A further member takes a reading off the shortcut and changes nothing else.
  const std::size_t brace = text.find('{');
  if (brace != std::string::npos && text.find_first_not_of(" \n\r\t[") == brace) {
    const std::size_t next = text.find_first_not_of(" \n\r\t", brace + 1);
    const bool has_members = next != std::string::npos && text[next] != '}';
    std::string longer = text;
    longer.insert(brace + 1, has_members ? "\"~\":0," : "\"~\":0");
    const Decoded other = decode(longer);
    if (other.good != decoded.good || other.encoded != decoded.encoded) std::abort();
  }

  if (!decoded.good) return 0;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error, {}, {.max_depth = 2000});
  if (error) std::abort();
  const std::size_t readings = value.is_array() ? value.get_array().size() : 1;
  if (readings != decoded.readings) std::abort();
  return 0;
}
