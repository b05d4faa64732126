// Any bytes: decoded or refused, never worse; and what was decoded comes back the same from its own encoding.
#include <cstdint>
#include <cstdlib>

#include "model/reading_batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  iot::model::ReadingBatch batch;
  if (!batch.decode({reinterpret_cast<const char*>(data), size})) return 0;
  std::string bytes;
  batch.encode(bytes);
  iot::model::ReadingBatch back;
  if (!back.decode(bytes) || back.size() != batch.size() || back.device != batch.device) std::abort();
  std::string again;
  back.encode(again);
  if (again != bytes) std::abort();
  for (std::size_t index = 0; index < batch.size(); ++index) {
    if (column_kind(batch.mapping(index)) == iot::model::ColumnKind::text && back.text(index) != batch.text(index)) {
      std::abort();
    }
  }
  return 0;
}
