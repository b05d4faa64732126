// /api/devices/:device_id/sensors
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"
#include "base/time_text.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

constexpr auto id_of_sensor = [](const model::Sensor& sensor) { return sensor.id.value; };

registry::NewSensor read_new(const boost::json::value& value, const std::string& prefix, DeviceId device,
                             std::vector<Fault>& faults) {
  Fields fields(value, prefix);
  registry::NewSensor sensor;
  sensor.device = device;
  sensor.name = fields.required_text("name");
  sensor.description = fields.text("description").value_or("");
  sensor.unit = fields.text("unit").value_or("");
  sensor.path = fields.text("path").value_or("");
  if (value.is_object() && !fields.has("mapping")) fields.fault("is missing", "mapping");
  sensor.mapping = fields.mapping("mapping").value_or(model::MappingType::double_precision);
  sensor.retention = fields.duration("retention").value_or(std::nullopt);
  sensor.rollups = fields.rollups("rollups").value_or(std::nullopt);
  auto found = fields.finish();
  faults.insert(faults.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return sensor;
}

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  const auto page = read_page(request);
  if (!page) co_return page.error();
  IOT_CO_TRY(auto sensors,
             co_await blocking(request.service, [&] { return request.registry().sensors(device, *page); }));
  co_return list_response(std::move(sensors), *page, id_of_sensor, write_sensor);
}

/// One object makes one sensor, which is the answer; an array makes all or none, and an array is the answer.
awaitable<Answer> create(Request& request) {
  IOT_CO_TRY(const DeviceId device, own_device(request));
  std::vector<registry::NewSensor> sensors;
  std::vector<Fault> faults;
  const boost::json::array* many = request.body.if_array();
  if (many) {
    if (many->empty()) co_return invalid("at least one sensor is expected", "");
    for (std::size_t i = 0; i < many->size(); ++i) {
      sensors.push_back(read_new((*many)[i], "[" + std::to_string(i) + "].", device, faults));
    }
  } else {
    sensors.push_back(read_new(request.body, {}, device, faults));
  }
  if (!faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const std::vector<model::Sensor> made, co_await written<std::vector<model::Sensor>>([&](auto done) {
               request.registry().create_sensors(request.actor(), std::move(sensors), std::move(done));
             }));
  net::HttpResponse response;
  JsonWriter json(response.body);
  if (many) json.begin_array();
  for (const model::Sensor& sensor : made) write_sensor(json, sensor);
  if (many) json.end_array();
  co_return response;
}

struct SensorAndReadings {
  model::Sensor sensor;
  store::SeriesInfo readings;
};

awaitable<Answer> show(Request& request) {
  IOT_CO_TRY(const SensorId id, own_sensor(request));
  IOT_CO_TRY(const SensorAndReadings read, co_await blocking(request.service, [&]() -> Result<SensorAndReadings> {
               SensorAndReadings found;
               IOT_TRY(found.sensor, request.registry().sensor(id));
               IOT_TRY(found.readings, request.service.use.readings.info(id));
               return found;
             }));
  net::HttpResponse response;
  JsonWriter json(response.body);
  const auto time = [&json](const char* name, const std::optional<Timestamp>& at) {
    json.key(name);
    if (at) {
      json.string(format_timestamp(*at));
    } else {
      json.null();
    }
  };
  json.begin_object().key("result");
  write_sensor(json, read.sensor);
  json.key("readings").begin_object();
  time("first", read.readings.first);
  time("last", read.readings.last);
  json.key("disk_bytes").unsigned_integer(read.readings.disk_bytes);
  json.end_object().end_object();
  co_return response;
}

awaitable<Answer> update(Request& request) {
  IOT_CO_TRY(const SensorId id, own_sensor(request));
  Fields fields(request.body);
  registry::SensorPatch patch;
  patch.name = fields.text("name");
  patch.description = fields.text("description");
  patch.unit = fields.text("unit");
  patch.path = fields.text("path");
  patch.retention = fields.duration("retention");
  patch.rollups = fields.rollups("rollups");
  if (fields.has("mapping")) {
    fields.mapping("mapping");
    fields.fault("cannot be changed: the readings are kept in its type; make another sensor", "mapping");
  }
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const model::Sensor changed, co_await written<model::Sensor>([&](auto done) {
               request.registry().update_sensor(request.actor(), id, std::move(patch), std::move(done));
             }));
  co_return result_response(changed, write_sensor);
}

awaitable<Answer> remove(Request& request) {
  IOT_CO_TRY(const SensorId id, own_sensor(request));
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().delete_sensor(request.actor(), id, std::move(done)); }));
  co_return removed_response(id.value);
}

}  // namespace

std::span<const Route> sensor_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/devices/:device_id/sensors",
       "listSensors",
       Access::reader,
       "List a device's sensors",
       list,
       {},
       "SensorList",
       page_parameters(),
       both},
      {post,
       "/api/devices/:device_id/sensors",
       "createSensors",
       Access::writer,
       "Make a sensor, or with an array several: all or none",
       create,
       "NewSensors",
       "SensorOrSensors",
       {},
       both},
      {get,
       "/api/devices/:device_id/sensors/:sensor_id",
       "getSensor",
       Access::reader,
       "Show a sensor and what is known of its readings",
       show,
       {},
       "SensorWithReadings",
       {},
       both},
      {patch,
       "/api/devices/:device_id/sensors/:sensor_id",
       "updateSensor",
       Access::writer,
       "Change a sensor; its mapping stays",
       update,
       "SensorPatch",
       "SensorResult",
       {},
       both},
      {delete_,
       "/api/devices/:device_id/sensors/:sensor_id",
       "deleteSensor",
       Access::writer,
       "Remove a sensor with all its readings",
       remove,
       {},
       "Removed",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
