#include "bench/devices.h"

#include <fstream>
#include <sstream>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "access/base64url.h"
#include "bench/errc.h"

namespace iot::bench {
namespace {

namespace json = boost::json;

/// A member of the answer, or of the `result` in it, as text: ids are numbers or texts.
Result<std::string> member(const json::value& answer, std::string_view name) {
  const json::value* at = &answer;
  if (at->is_object() && at->as_object().if_contains("result")) at = &at->as_object().at("result");
  const json::value* found = at->is_object() ? at->as_object().if_contains(name) : nullptr;
  if (!found || found->is_null())
    return make_error(Errc::not_reached, "the REST API's answer has no " + std::string(name));
  return found->is_string() ? std::string(found->as_string()) : json::serialize(*found);
}

Result<std::string> subject_of(std::string_view token) {
  const auto first = token.find('.'), last = token.rfind('.');
  if (first != std::string_view::npos && last > first) {
    const auto claims = access::decode_base64url(token.substr(first + 1, last - first - 1));
    boost::system::error_code error;
    const auto value = claims ? json::parse(*claims, error) : json::value();
    if (claims && !error && value.is_object() && value.as_object().if_contains("sub")) return member(value, "sub");
  }
  return make_error(Errc::options, "a token is not of the form that the platform gives to devices");
}

Result<Device> device_of(std::string token, std::string sensor) {
  IOT_TRY(auto id, subject_of(token));
  return Device{std::move(id), std::move(sensor), std::move(token)};
}

}  // namespace

Result<ApiClient> signed_in(const Options& options) {
  IOT_TRY(auto api, ApiClient::at(options.core));
  IOT_CHECK(api.sign_in(options.user, options.password));
  return api;
}

Result<std::vector<Device>> make_devices(ApiClient& api, std::size_t count) {
  std::vector<Device> devices;
  for (std::size_t i = 0; i < count; ++i) {
    const json::object description{{"name", "bench " + std::to_string(i + 1)},
                                   {"description", "made by iotplatform bench"}};
    IOT_TRY(const auto made, api.call("POST", "/api/devices", json::serialize(description)));
    Device device;
    IOT_TRY(device.id, member(made, "id"));
    const std::string path = "/api/devices/" + device.id;
    IOT_TRY(const auto sensor, api.call("POST", path + "/sensors", R"({"name":"bench","mapping":{"type":"double"}})"));
    IOT_TRY(device.sensor, member(sensor, "id"));
    IOT_TRY(const auto key, api.call("GET", path + "/key"));
    IOT_TRY(device.token, member(key, "token"));
    devices.push_back(std::move(device));
  }
  return devices;
}

Result<Reader> make_reader(ApiClient& api, const Device& device) {
  IOT_TRY(const auto made,
          api.call("POST", "/api/consumers", R"({"name":"bench","description":"made by iotplatform bench"})"));
  IOT_TRY(const auto id, member(made, "id"));
  const std::string path = "/api/consumers/" + id;
  IOT_CHECK(api.call("POST", path + "/sensors/" + device.sensor));
  IOT_TRY(const auto key, api.call("GET", path + "/key"));
  Reader reader;
  IOT_TRY(reader.token, member(key, "token"));
  return reader;
}

Result<std::vector<Device>> given_devices(const Options& options) {
  std::vector<Device> devices;
  if (!options.token.empty()) {
    IOT_TRY(auto device, device_of(options.token, options.sensor));
    devices.push_back(std::move(device));
    return devices;
  }
  std::ifstream file(options.token_file);
  if (!file) return make_error(Errc::options, "the file " + options.token_file + " cannot be read");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string token, sensor = options.sensor;
    words >> token >> sensor;
    if (token.empty()) continue;
    if (sensor.empty())
      return make_error(Errc::options, "a line of " + options.token_file + " has no sensor; give --sensor for all");
    IOT_TRY(auto device, device_of(std::move(token), std::move(sensor)));
    devices.push_back(std::move(device));
  }
  if (devices.empty()) return make_error(Errc::options, "there is no token in " + options.token_file);
  return devices;
}

}  // namespace iot::bench
