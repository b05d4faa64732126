// The lines of a _bulk request from any bytes: what comes out is whole, a good document is JSON to another parser, and
// the shortcut sees what the general way sees.
#include <cstdint>
#include <cstdlib>

#include <boost/json.hpp>

#include "ingest/bulk.h"
#include "ingest/testing/sample_snapshot.h"

namespace {

using namespace iot;
using ingest::BulkItem;
using ingest::testing::PaddedText;

void expect(bool holds) {
  if (!holds) std::abort();
}

const registry::Snapshot& snapshot() {
  static const registry::Snapshot kept = ingest::testing::sample_snapshot();
  return kept;
}

ingest::BulkDecoder& decoder() {
  static ingest::BulkDecoder kept({.items_max = 50, .line_bytes_max = 500, .text_bytes_max = 200, .depth_max = 8});
  return kept;
}

ingest::BulkContext context(const ingest::WriteRights& rights) {
  return {.index = "3_4", .rights = rights, .snapshot = snapshot(), .arrival = Timestamp{7}};
}

void read_lines(const std::string& text) {
  const auto rights = ingest::WriteRights::of_everything();
  const PaddedText payload(text);
  ingest::BulkRequest request;
  if (decoder().decode(payload, context(rights), request)) return;
  std::size_t good = 0;
  for (const BulkItem& item : request.items) {
    expect((item.batch == BulkItem::none) != (item.fault == BulkItem::none));
    if (item.fault != BulkItem::none) {
      expect(item.fault < request.faults.size());
      continue;
    }
    ++good;
    expect(item.batch < request.batches.size());
    const auto& readings = request.batches[item.batch].readings;
    expect(item.reading < readings.size());
    expect(model::index_name(readings.device, readings.sensor(item.reading)) == item.index);
  }
  std::size_t stored = 0;
  for (const auto& batch : request.batches) stored += batch.readings.size();
  expect(stored == good);
}

/// The encoded batch; empty if the document is refused.
std::string decode(const std::string& text) {
  const auto rights = ingest::WriteRights::of_device(ingest::testing::device);
  const PaddedText document(text);
  ingest::BulkRequest request;
  decoder().decode_document(document, ingest::BulkAction::index, context(rights), request);
  std::string encoded;
  if (!request.batches.empty()) request.batches[0].readings.encode(encoded);
  return encoded;
}

void read_document(const std::string& text) {
  const std::string encoded = decode(text);
  const std::size_t brace = text.find_first_not_of(" \n\r\t");
  // At the limit of a line a longer one is another matter.
  if (brace != std::string::npos && text[brace] == '{' && text.size() < 400) {
    const std::size_t next = text.find_first_not_of(" \n\r\t", brace + 1);
    const bool has_members = next != std::string::npos && text[next] != '}';
    std::string longer = text;
    // null takes a document off the shortcut.
    longer.insert(brace + 1, has_members ? "\"~\":null," : "\"~\":null");
    expect(decode(longer) == encoded);
  }
  if (encoded.empty()) return;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error, {}, {.max_depth = 2000});
  expect(!error && value.is_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_lines(text);
  read_document(text);
  return 0;
}
