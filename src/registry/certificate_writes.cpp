#include "registry/certificate_writes.h"

namespace iot::registry {
namespace {

std::vector<model::Certificate> certificates_of(WriteContext& write, DeviceId device) {
  std::vector<model::Certificate> found;
  write.sql().certificates_of_device.for_each(device.value, [&](auto& row) { found.push_back(to_certificate(row)); });
  return found;
}

}  // namespace

Result<model::Certificate> add_certificate(WriteContext& write, const Actor& actor, const NewCertificate& certificate) {
  const DeviceId device = certificate.device;
  if (!write.state().devices.contains(device)) {
    return make_error(Errc::device_not_found, "there is no device " + device.to_string());
  }
  if (write.state().certificates.find(certificate.fingerprint)) {
    // Which device it is might be somebody else's business.
    return make_error(Errc::certificate_taken, "a device has this certificate already", "fingerprint");
  }
  const std::size_t count_max = write.limits().certificates_per_device_max;
  if (certificates_of(write, device).size() >= count_max) {
    return make_error(Errc::too_many, "device " + device.to_string() + " would have more than " +
                                          std::to_string(count_max) + " certificates: remove one that is out of use");
  }
  const std::string fingerprint = certificate.fingerprint.to_string();
  write.sql().insert_certificate.run(fingerprint, device.value, certificate.name, write.now().ns);
  write.record(certificate_added(device, certificate.fingerprint));
  AuditDetails details;
  details.add("fingerprint", fingerprint).add("name", certificate.name);
  write.audit(actor, "device.add_certificate", subject("device", device), details);
  return model::Certificate{device, certificate.fingerprint, certificate.name, write.now()};
}

Result<void> remove_certificate(WriteContext& write, const Actor& actor, DeviceId device,
                                const Fingerprint& fingerprint) {
  if (!write.state().devices.contains(device)) {
    return make_error(Errc::device_not_found, "there is no device " + device.to_string());
  }
  if (write.state().certificates.find(fingerprint) != device) {
    return make_error(Errc::certificate_not_found, "device " + device.to_string() + " has no such certificate");
  }
  write.sql().delete_certificate.run(fingerprint.to_string());
  write.record(certificate_removed(device, fingerprint));
  AuditDetails details;
  details.add("fingerprint", fingerprint.to_string());
  write.audit(actor, "device.remove_certificate", subject("device", device), details);
  return {};
}

void remove_certificates_of(WriteContext& write, DeviceId device) {
  const auto certificates = certificates_of(write, device);
  if (certificates.empty()) return;
  for (const auto& certificate : certificates) write.record(certificate_removed(device, certificate.fingerprint));
  write.sql().delete_certificates_of_device.run(device.value);
}

}  // namespace iot::registry
