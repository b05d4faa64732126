// Certificates as their owners send them in, before any connection shows one.
#pragma once

#include <string_view>

#include "base/failure.h"
#include "base/fingerprint.h"

namespace iot::access {

/// Of the one certificate in a PEM text ("-----BEGIN CERTIFICATE-----"), which may have other text around it but no
/// second certificate. Errc::malformed says what is wrong with it: a private key, which should never be sent, is named
/// as such.
Result<Fingerprint> fingerprint_of_pem(std::string_view pem);

}  // namespace iot::access
