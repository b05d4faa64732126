// What happens to the client certificates of devices, inside a transaction. The arguments are validated already.
#pragma once

#include "registry/write_context.h"

namespace iot::registry {

Result<model::Certificate> add_certificate(WriteContext& write, const Actor& actor, const NewCertificate& certificate);
Result<void> remove_certificate(WriteContext& write, const Actor& actor, DeviceId device,
                                const Fingerprint& fingerprint);
/// For a device that is about to be removed, whose own entry in the audit log says so.
void remove_certificates_of(WriteContext& write, DeviceId device);

}  // namespace iot::registry
