#include <array>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/time_text.h"
#include "ingest/add_value.h"
#include "ingest/bulk.h"
#include "ingest/bulk_action.h"
#include "ingest/ingestor.h"
#include "ingest/raw_document.h"

namespace iot::ingest {

using model::RawValue;

bool WriteRights::include(DeviceId device, const registry::Snapshot& snapshot) const {
  switch (whose_) {
    case Whose::nothing:
      return false;
    case Whose::device:
      return device == device_;
    case Whose::owner: {
      const registry::DeviceEntry* const entry = snapshot.devices.find(device);
      return entry && entry->owner == owner_;
    }
    case Whose::everything:
      return true;
  }
  return false;
}

std::optional<Timestamp> parse_document_time(std::string_view text) {
  auto time = parse_rfc3339(text);
  constexpr std::size_t year_letters = 4, month_letters = 7, date_letters = 10, letters_max = 64;
  if (!time && text.size() >= year_letters && text.size() <= letters_max) {
    const bool is_number = text.find_first_not_of("0123456789") == text.npos;
    if (is_number && text.size() > year_letters)
      return text.size() < date_letters ? std::nullopt : detect_timestamp(text);
    std::string whole(text);
    if (whole.size() == year_letters) whole += "-01";
    if (whole.size() == month_letters) whole += "-01";
    const std::size_t sign = whole.find_first_of("+-", date_letters);
    if (whole.size() == date_letters) {
      whole += "T00:00:00Z";
    } else if (sign == whole.npos) {
      whole += 'Z';
    } else if (whole.size() - sign == 5) {
      // +0200
      whole.insert(sign + 3, ":");
    } else if (whole.size() - sign == 3) {
      whole += ":00";
    }
    time = parse_rfc3339(whole);
  }
  if (time && *time < timestamp_min) time.reset();
  return time;
}

std::optional<std::pair<DeviceId, SensorId>> parse_index_name(std::string_view name) noexcept {
  const std::size_t bar = name.find('_');
  if (bar == name.npos) return {};
  const auto device = parse_id<DeviceId>(name.substr(0, bar));
  const auto sensor = parse_id<SensorId>(name.substr(bar + 1));
  if (!device || !sensor) return {};
  return std::pair(*device, *sensor);
}

namespace {

/// Where an index's readings go.
struct Target {
  std::uint64_t request = 0;
  DeviceId device;
  SensorColumn sensor;
  std::uint32_t batch = BulkItem::none;
};

constexpr unsigned target_cache_bits = 8;

struct Memory {
  explicit Memory(BulkLimits bulk_limits) : limits(bulk_limits) {}

  const BulkLimits limits;
  simdjson::ondemand::parser parser;
  /// Sensors that this request has named already, by hash; an entry of an earlier request is none.
  std::array<Target, std::size_t{1} << target_cache_bits> targets;
  std::uint64_t request = 0;
  /// The compact form of an object value.
  std::string json;
};

bool is_blank(std::string_view line) noexcept {
  return line.find_first_not_of(" \t\r") == line.npos;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t letters_max = 64;
  return text.size() <= letters_max ? std::string(text) : std::string(text.substr(0, letters_max)) + "...";
}

/// One request on its way through the decoder.
class Request {
 public:
  Request(Memory& memory, const BulkContext& context, BulkRequest& out) : memory_(memory), in_(context), out_(out) {
    ++memory.request;
  }

  std::optional<BulkRefusal> read_lines(std::string_view payload);
  void add_document(BulkItem item, std::string_view document);

 private:
  std::optional<BulkRefusal> read_action(std::string_view line, ActionLine& action);
  std::optional<BulkFault> find_target(std::string_view index);
  std::optional<BulkFault> judge(const RawDocument& document, std::size_t bytes);
  std::optional<BulkFault> check_id(const Token& token, std::string_view member, std::int64_t expected) const;
  std::optional<BulkFault> find_time(const RawDocument& document, Timestamp& time) const;
  std::uint32_t batch_of(DeviceId device);
  void add_item(BulkItem item, std::optional<BulkFault> fault);

  Memory& memory_;
  const BulkContext& in_;
  BulkRequest& out_;
  std::size_t line_number_ = 0;
  /// The last action line, which in most requests is the next one too.
  std::string_view last_line_;
  ActionLine last_action_;
  std::string_view last_index_;
  Target target_;
  std::unordered_map<DeviceId, std::uint32_t> batches_;
};

std::optional<BulkRefusal> Request::read_lines(std::string_view payload) {
  using enum BulkRefusal::Kind;
  if (payload.empty()) return BulkRefusal{empty, "request body is required"};
  if (payload.back() != '\n') return BulkRefusal{malformed, "The bulk request must be terminated by a newline [\\n]"};
  const auto next_line = [&payload, this] {
    const auto* const begin = payload.data();
    const auto* const newline = static_cast<const char*>(std::memchr(begin, '\n', payload.size()));
    const std::string_view line(begin, static_cast<std::size_t>(newline - begin));
    payload.remove_prefix(line.size() + 1);
    ++line_number_;
    return line;
  };
  while (!payload.empty()) {
    const std::string_view line = next_line();
    if (line != last_line_ || line.empty()) {
      if (is_blank(line)) continue;
      ActionLine action;
      if (auto refused = read_action(line, action)) return refused;
      last_line_ = line;
      last_action_ = std::move(action);
    }
    if (out_.items.size() == memory_.limits.items_max) {
      return BulkRefusal{too_many,
                         "at most " + std::to_string(memory_.limits.items_max) + " actions go in one request"};
    }
    BulkItem item{.action = last_action_.action,
                  .index = last_action_.index.empty() ? in_.index : last_action_.index,
                  .id = last_action_.id};
    if (item.index.empty()) return BulkRefusal{invalid, "Validation Failed: 1: index is missing;"};
    if (item.action != BulkAction::remove && payload.empty()) {
      return BulkRefusal{malformed,
                         "the document of action/metadata line [" + std::to_string(line_number_) + "] is missing"};
    }
    const std::string_view document = item.action == BulkAction::remove ? std::string_view{} : next_line();
    if (!last_action_.unsupported.empty()) {
      add_item(item, BulkFault{BulkFault::Kind::bad_action, last_action_.unsupported});
    } else {
      add_document(item, document);
    }
  }
  if (out_.items.empty()) return BulkRefusal{invalid, "Validation Failed: 1: no requests added;"};
  return {};
}

std::optional<BulkRefusal> Request::read_action(std::string_view line, ActionLine& action) {
  using enum BulkRefusal::Kind;
  if (line.size() > memory_.limits.line_bytes_max) {
    return BulkRefusal{malformed, "action/metadata line [" + std::to_string(line_number_) + "] is longer than " +
                                      std::to_string(memory_.limits.line_bytes_max) + " bytes"};
  }
  if (!scan_usual_action(line, action)) {
    action = {};
    if (auto wrong = ingest::read_action(memory_.parser, line, line_number_, out_.texts, action)) {
      return BulkRefusal{malformed, std::move(*wrong)};
    }
  }
  return {};
}

void Request::add_document(BulkItem item, std::string_view document) {
  using enum BulkFault::Kind;
  if (in_.rights.are_none()) {
    return add_item(item, BulkFault{forbidden, "this token may read and not write"});
  }
  if (item.action == BulkAction::update || item.action == BulkAction::remove) {
    return add_item(item, BulkFault{bad_action, "[" + std::string(to_string(item.action)) +
                                                    "] is not supported: a reading, once taken, stays as it is"});
  }
  if (item.id.size() > memory_.limits.id_bytes_max) {
    return add_item(item, BulkFault{bad_action, "id is too long, must be no longer than " +
                                                    std::to_string(memory_.limits.id_bytes_max) +
                                                    " bytes but was: " + std::to_string(item.id.size())});
  }
  if (auto fault = find_target(item.index)) return add_item(item, std::move(fault));
  if (document.size() > memory_.limits.line_bytes_max) {
    return add_item(item, BulkFault{bad_document, "the document is longer than " +
                                                      std::to_string(memory_.limits.line_bytes_max) + " bytes"});
  }
  RawDocument raw;
  if (!scan_usual_document(document, raw)) {
    raw = {};
    auto wrong = read_document(memory_.parser, document, memory_.limits.depth_max, memory_.json, raw);
    if (!wrong.empty()) return add_item(item, BulkFault{bad_document, "failed to parse: " + std::move(wrong)});
  }
  if (auto fault = judge(raw, document.size())) return add_item(item, std::move(fault));
  item.batch = target_.batch;
  item.reading = static_cast<std::uint32_t>(out_.batches[item.batch].readings.size() - 1);
  add_item(item, {});
}

std::optional<BulkFault> Request::find_target(std::string_view index) {
  if (index == last_index_ && !index.empty()) return {};
  last_index_ = {};
  const auto no_such_index = [&] {
    return BulkFault{BulkFault::Kind::no_such_index, "no such index [" + shortened(index) + "]"};
  };
  const auto ids = parse_index_name(index);
  if (!ids) return no_such_index();
  const auto [device, sensor] = *ids;
  Target& cached =
      memory_.targets[static_cast<std::uint64_t>(sensor.value) * 0x9E3779B97F4A7C15u >> (64 - target_cache_bits)];
  if (cached.request != memory_.request || cached.sensor.id != sensor || cached.device != device) {
    const registry::SensorEntry* const entry = in_.snapshot.sensors.find(sensor);
    if (!entry || entry->device != device || !in_.rights.include(device, in_.snapshot)) return no_such_index();
    cached = {memory_.request, device, {sensor, entry->mapping}, batch_of(device)};
  }
  target_ = cached;
  last_index_ = index;
  return {};
}

std::uint32_t Request::batch_of(DeviceId device) {
  const auto [place, is_new] = batches_.try_emplace(device, static_cast<std::uint32_t>(out_.batches.size()));
  if (is_new) out_.batches.emplace_back().readings.device = device;
  return place->second;
}

std::optional<BulkFault> Request::judge(const RawDocument& document, std::size_t bytes) {
  if (auto fault = check_id(document.device_id, "device_id", target_.device.value)) return fault;
  if (auto fault = check_id(document.sensor_id, "sensor_id", target_.sensor.id.value)) return fault;
  Timestamp time = in_.arrival;
  if (auto fault = find_time(document, time)) return fault;
  const auto refuse_value = [&](std::string_view why) {
    return BulkFault{BulkFault::Kind::bad_document, "failed to parse field [value] of type [" +
                                                        std::string(model::to_string(target_.sensor.mapping)) +
                                                        "]: " + std::string(why)};
  };
  if (document.value.kind != Token::Kind::raw) {
    return refuse_value(document.value.kind == Token::Kind::null ? "the value is null" : "the value is missing");
  }
  BulkBatch& batch = out_.batches[target_.batch];
  if (const auto wrong =
          add_value(batch.readings, target_.sensor, time, document.value.value, memory_.limits.text_bytes_max)) {
    return refuse_value(*wrong);
  }
  batch.bytes += bytes;
  return {};
}

std::optional<BulkFault> Request::check_id(const Token& token, std::string_view member, std::int64_t expected) const {
  if (token.kind != Token::Kind::raw) return {};
  const bool is_text = token.value.kind == RawValue::Kind::string || token.value.kind == RawValue::Kind::number;
  const auto id = is_text ? parse_id<SensorId>(token.value.text) : std::nullopt;
  if (id && id->value == expected) return {};
  return BulkFault{BulkFault::Kind::bad_document, "failed to parse field [" + std::string(member) +
                                                      "] of type [keyword]: the index's is [" +
                                                      std::to_string(expected) + "]"};
}

std::optional<BulkFault> Request::find_time(const RawDocument& document, Timestamp& time) const {
  const bool has_own = document.timestamp.kind != Token::Kind::absent;
  const Token& token = has_own ? document.timestamp : document.at_timestamp;
  if (token.kind == Token::Kind::absent) return {};
  std::optional<Timestamp> found;
  if (token.kind == Token::Kind::raw && token.value.kind == RawValue::Kind::number) {
    found = detect_timestamp(token.value.text);
  } else if (token.kind == Token::Kind::raw && token.value.kind == RawValue::Kind::string) {
    found = parse_document_time(token.value.text);
  }
  if (found) {
    time = *found;
    return {};
  }
  return BulkFault{BulkFault::Kind::bad_document, "failed to parse field [" +
                                                      std::string(has_own ? "timestamp" : "@timestamp") +
                                                      "] of type [date_nanos]: not a time between 1970-01-01 and "
                                                      "2262-04-11"};
}

void Request::add_item(BulkItem item, std::optional<BulkFault> fault) {
  if (fault) {
    item.fault = static_cast<std::uint32_t>(out_.faults.size());
    out_.faults.push_back(std::move(*fault));
  }
  out_.items.push_back(item);
}

/// Empty batches are those of devices of which no document was good.
void remove_empty_batches(BulkRequest& request) {
  std::vector<std::uint32_t> places;
  std::vector<BulkBatch> kept;
  for (BulkBatch& batch : request.batches) {
    places.push_back(static_cast<std::uint32_t>(kept.size()));
    if (!batch.readings.empty()) kept.push_back(std::move(batch));
  }
  if (kept.size() < places.size()) {
    for (BulkItem& item : request.items) {
      if (item.batch != BulkItem::none) item.batch = places[item.batch];
    }
  }
  request.batches = std::move(kept);
}

}  // namespace

struct BulkDecoder::State {
  Memory memory;
};

BulkDecoder::BulkDecoder(BulkLimits limits) : state_(std::make_unique<State>(Memory(limits))) {}
BulkDecoder::~BulkDecoder() = default;

std::optional<BulkRefusal> BulkDecoder::decode(std::string_view payload, const BulkContext& context,
                                               BulkRequest& request) {
  request = {};
  auto refused = Request(state_->memory, context, request).read_lines(payload);
  remove_empty_batches(request);
  return refused;
}

void BulkDecoder::decode_document(std::string_view document, BulkAction action, const BulkContext& context,
                                  BulkRequest& request) {
  request = {};
  Request(state_->memory, context, request).add_document({.action = action, .index = context.index}, document);
  remove_empty_batches(request);
}

}  // namespace iot::ingest
