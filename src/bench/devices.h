// Who sends: devices with a sensor and a token each, made through the REST API or given on the command line.
#pragma once

#include <string>
#include <vector>

#include "bench/api_client.h"
#include "bench/options.h"

namespace iot::bench {

struct Device {
  std::string id, sensor, token;
};

/// A consumer that may read a device's sensor.
struct Reader {
  std::string token;
};

/// Signed in as the options say. For options with --core.
Result<ApiClient> signed_in(const Options& options);

/// Makes `count` devices.
Result<std::vector<Device>> make_devices(ApiClient& api, std::size_t count);
Result<Reader> make_reader(ApiClient& api, const Device& device);

/// Those of --token and --sensor, or of --token-file: a token and a sensor's id on each line. A device's id is the
/// token's subject.
Result<std::vector<Device>> given_devices(const Options& options);

}  // namespace iot::bench
