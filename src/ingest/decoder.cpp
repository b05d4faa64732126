#include <array>
#include <optional>

#include "base/time_text.h"
#include "ingest/add_value.h"
#include "ingest/ingestor.h"
#include "ingest/json_walk.h"
#include "ingest/raw_reading.h"
#include "ingest/read_member.h"

namespace iot::ingest {

namespace ondemand = simdjson::ondemand;
using model::MappingType;
using model::RawValue;

static_assert(simdjson::SIMDJSON_PADDING <= 64, "callers provide 64 bytes");

namespace {

struct CachedSensor {
  std::uint64_t message = 0;
  SensorId id;
  MappingType mapping = MappingType::double_precision;
};

constexpr unsigned sensor_cache_bits = 6;

/// parse_id() for the few digits that ids have.
std::optional<SensorId> sensor_id_of(std::string_view text) noexcept {
  if (text.empty() || text.size() > 18 || text[0] == '0') return parse_id<SensorId>(text);
  std::int64_t id = 0;
  for (const char letter : text) {
    if (letter < '0' || letter > '9') return parse_id<SensorId>(text);
    id = id * 10 + (letter - '0');
  }
  return SensorId{id};
}

/// What is kept from message to message.
struct Memory {
  explicit Memory(DecodeLimits decode_limits) : limits(decode_limits) {}

  const DecodeLimits limits;
  ondemand::parser parser;
  /// Sensors that this message has named already, by hash; an entry of an earlier message is none.
  std::array<CachedSensor, std::size_t{1} << sensor_cache_bits> sensors;
  std::uint64_t message = 0;
  /// The compact form of an object value.
  std::string json;
};

/// One message on its way through the decoder.
class Message {
 public:
  Message(Memory& memory, DeviceId device, const registry::Snapshot& snapshot, Timestamp arrival,
          model::ReadingBatch& batch)
      : memory_(memory), device_(device), snapshot_(snapshot), arrival_(arrival), batch_(batch), begin_(batch.mark()) {}

  /// Reads a message of nothing but usual, good readings; false (and nothing done) for any other.
  bool decode_usual(std::string_view payload);
  /// Reads any message.
  std::vector<Fault> decode(std::string_view payload);

 private:
  bool read_array(ondemand::array array);
  bool read_element(ondemand::value element);
  /// The members of a reading; false if the message is malformed. A reading that is refused leaves faults behind.
  bool read_members(ondemand::object object, RawReading& reading);
  bool read_known(ondemand::value value, std::string_view name, Token& token);
  bool look_through(ondemand::value value) { return take(walk(value, memory_.limits.depth_max), ""); }
  bool take(WalkResult result, std::string_view field);

  void accept(const RawReading& reading);
  const CachedSensor* find_sensor(const Token& token);
  std::optional<Timestamp> find_time(const Token& token);

  bool malformed(std::string_view what = "the message is not well-formed JSON");
  void fault(std::string_view field, std::string message, Fault::Kind kind = Fault::Kind::bad_reading);

  Memory& memory_;
  DeviceId device_;
  const registry::Snapshot& snapshot_;
  Timestamp arrival_;
  model::ReadingBatch& batch_;
  const model::ReadingBatch::Mark begin_;
  std::size_t index_ = 0;
  std::vector<Fault> faults_;
  std::size_t faults_unnamed_ = 0;
};

bool Message::decode_usual(std::string_view payload) {
  const char* const end = payload.data() + payload.size();
  const char* at = skip_space(payload.data(), end);
  const bool is_array = at != end && *at == '[';
  if (is_array) at = skip_space(at + 1, end);
  for (;;) {
    RawReading reading;
    at = scan_usual_reading(at, end, reading);
    if (!at) break;
    accept(reading);
    if (!faults_.empty() || batch_.size() - begin_.readings > memory_.limits.readings_max) break;
    at = skip_space(at, end);
    if (!is_array || (at != end && *at == ']')) {
      if (skip_space(is_array ? at + 1 : at, end) != end) break;
      return true;
    }
    if (at == end || *at != ',') break;
    at = skip_space(at + 1, end);
  }
  batch_.go_back(begin_);
  faults_.clear();
  return false;
}

std::vector<Fault> Message::decode(std::string_view payload) {
  ondemand::document document;
  ondemand::json_type type;
  if (const auto error =
          memory_.parser.iterate(payload.data(), payload.size(), payload.size() + simdjson::SIMDJSON_PADDING)
              .get(document)) {
    malformed(error == simdjson::UTF8_ERROR ? "the message is not UTF-8"
              : error == simdjson::EMPTY    ? "the message is empty"
                                            : "the message is not well-formed JSON");
    return std::move(faults_);
  }
  bool whole = false;
  if (document.type().get(type)) {
    malformed();
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    whole = !document.get_array().get(array) ? read_array(array) : malformed();
  } else if (type == ondemand::json_type::object) {
    ondemand::object object;
    RawReading reading;
    whole = !document.get_object().get(object) ? read_members(object, reading) : malformed();
    if (whole && faults_.empty()) accept(reading);
  } else {
    malformed("a message is one reading, an object, or an array of them");
  }
  // Past the last token there is no location.
  if (whole && document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    malformed("something stands behind the end of the JSON text");
  if (faults_unnamed_ > 0) {
    faults_.push_back(
        {index_, "", "and " + std::to_string(faults_unnamed_) + " further faults", Fault::Kind::bad_reading});
  }
  return std::move(faults_);
}

bool Message::read_array(ondemand::array array) {
  for (auto element_result : array) {
    ondemand::value element;
    if (std::move(element_result).get(element)) return malformed();
    if (index_ == memory_.limits.readings_max) {
      fault("", "too many readings: at most " + std::to_string(memory_.limits.readings_max) + " go in one message",
            Fault::Kind::too_many);
      return false;
    }
    if (!read_element(element)) return false;
    ++index_;
  }
  index_ = index_ > 0 ? index_ - 1 : 0;
  return true;
}

bool Message::read_element(ondemand::value element) {
  ondemand::json_type type;
  if (element.type().get(type)) return malformed();
  if (type != ondemand::json_type::object) {
    fault("", "a reading is an object");
    return look_through(element);
  }
  ondemand::object object;
  if (element.get_object().get(object)) return malformed();
  RawReading reading;
  const std::size_t faults_before = faults_.size() + faults_unnamed_;
  if (!read_members(object, reading)) return false;
  if (faults_.size() + faults_unnamed_ == faults_before) accept(reading);
  return true;
}

bool Message::read_members(ondemand::object object, RawReading& reading) {
  for (auto field_result : object) {
    ondemand::field field;
    if (std::move(field_result).get(field)) return malformed();
    std::string_view key;
    if (!read_name(field, key)) return malformed();
    const auto read_as = [&]() -> std::optional<bool> {
      if (key == "sensor_id") return read_known(field.value(), "sensor_id", reading.sensor_id);
      if (key == "timestamp") return read_known(field.value(), "timestamp", reading.timestamp);
      if (key == "value") return read_known(field.value(), "value", reading.value);
      return {};
    };
    if (const auto known = read_as()) {
      if (!*known) return false;
    } else if (!look_through(field.value())) {
      return false;
    }
  }
  return true;
}

bool Message::read_known(ondemand::value value, std::string_view name, Token& token) {
  if (token.kind != Token::Kind::absent) fault(name, "the member stands there twice");
  return take(read_member(value, token, memory_.json, memory_.limits.depth_max), name);
}

bool Message::take(WalkResult result, std::string_view field) {
  switch (result) {
    case WalkResult::whole:
      break;
    case WalkResult::malformed:
      return malformed();
    case WalkResult::too_deep:
      fault(field, "nested deeper than " + std::to_string(memory_.limits.depth_max) + " levels");
      break;
    case WalkResult::duplicate_key:
      fault(field, "an object in it has two members of one name");
      break;
    case WalkResult::out_of_range:
      fault(field, "a number in it is out of range");
      break;
  }
  return true;
}

void Message::accept(const RawReading& reading) {
  // Each member is looked at, so that the sender hears of all that is wrong at once.
  const CachedSensor* const sensor = find_sensor(reading.sensor_id);
  const std::optional<Timestamp> time = find_time(reading.timestamp);
  if (reading.value.kind != Token::Kind::raw) {
    fault("value", reading.value.kind == Token::Kind::null ? "the value is null" : "the value is missing");
  } else if (sensor) {
    auto refused = add_value(batch_, {sensor->id, sensor->mapping}, time.value_or(arrival_), reading.value.value,
                             memory_.limits.text_bytes_max);
    if (refused) fault("value", std::move(*refused));
  }
}

const CachedSensor* Message::find_sensor(const Token& token) {
  const std::string_view text = token.value.text;
  const bool is_text = token.value.kind == RawValue::Kind::string || token.value.kind == RawValue::Kind::number;
  if (token.kind != Token::Kind::raw || !is_text) {
    fault("sensor_id", token.kind == Token::Kind::absent ? "the sensor is missing" : "a sensor id is a string");
    return nullptr;
  }
  const auto id = sensor_id_of(text);
  if (!id) {
    fault("sensor_id", "\"" + std::string(text.substr(0, 48)) + "\" is no sensor id");
    return nullptr;
  }
  CachedSensor& cached =
      memory_.sensors[static_cast<std::uint64_t>(id->value) * 0x9E3779B97F4A7C15u >> (64 - sensor_cache_bits)];
  if (cached.message == memory_.message && cached.id == *id) return &cached;
  const registry::SensorEntry* const entry = snapshot_.sensors.find(*id);
  if (!entry || entry->device != device_) {
    fault("sensor_id", "device " + device_.to_string() + " has no sensor " + id->to_string());
    return nullptr;
  }
  cached = {memory_.message, *id, entry->mapping};
  return &cached;
}

std::optional<Timestamp> Message::find_time(const Token& token) {
  if (token.kind == Token::Kind::absent) return arrival_;
  std::optional<Timestamp> time;
  if (token.kind == Token::Kind::raw && token.value.kind == RawValue::Kind::number) {
    time = detect_timestamp(token.value.text);
    if (!time) fault("timestamp", "not a time between 1970-01-01 and 2262-04-11");
  } else if (token.kind == Token::Kind::raw && token.value.kind == RawValue::Kind::string) {
    time = parse_rfc3339(token.value.text);
    if (time && *time < timestamp_min) time.reset();
    if (!time) fault("timestamp", "not an RFC 3339 time between 1970-01-01 and 2262-04-11");
  } else {
    fault("timestamp", "a time is a number or an RFC 3339 string");
  }
  return time;
}

bool Message::malformed(std::string_view what) {
  fault("", std::string(what), Fault::Kind::malformed);
  return false;
}

void Message::fault(std::string_view field, std::string message, Fault::Kind kind) {
  // What ends the message is named in any case.
  if (faults_.size() >= memory_.limits.faults_max && kind == Fault::Kind::bad_reading) {
    ++faults_unnamed_;
    return;
  }
  faults_.push_back({index_, std::string(field), std::move(message), kind});
}

}  // namespace

struct Decoder::State {
  Memory memory;
};

Decoder::Decoder(DecodeLimits limits) : state_(std::make_unique<State>(Memory(limits))) {}
Decoder::~Decoder() = default;

std::vector<Fault> Decoder::decode(std::string_view payload, DeviceId device, const registry::Snapshot& snapshot,
                                   Timestamp arrival, model::ReadingBatch& batch) {
  batch.clear();
  batch.device = device;
  return decode_more(payload, snapshot, arrival, batch);
}

std::vector<Fault> Decoder::decode_more(std::string_view payload, const registry::Snapshot& snapshot, Timestamp arrival,
                                        model::ReadingBatch& batch) {
  const model::ReadingBatch::Mark before = batch.mark();
  ++state_->memory.message;
  Message message(state_->memory, batch.device, snapshot, arrival, batch);
  if (message.decode_usual(payload)) return {};
  auto faults = message.decode(payload);
  if (!faults.empty()) batch.go_back(before);
  return faults;
}

}  // namespace iot::ingest
