// A reading's value as it was sent, on its way into a batch: the same for all forms of messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "model/reading_batch.h"

namespace iot::ingest {

/// A sensor of the registry, as far as its values go.
struct SensorColumn {
  SensorId id;
  model::MappingType mapping = model::MappingType::double_precision;
};

/// Adds the reading, coerced to the sensor's mapping. What is wrong with it, in words, if it is refused; the batch is
/// as it was then.
std::optional<std::string> add_value(model::ReadingBatch& batch, SensorColumn sensor, Timestamp time,
                                     const model::RawValue& value, std::size_t text_bytes_max);

}  // namespace iot::ingest
