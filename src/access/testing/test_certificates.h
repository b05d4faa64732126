// Two certificates with which nobody can sign, and what `openssl x509 -fingerprint -sha256` says of them.
#pragma once

namespace iot::access::testing {

inline constexpr char first_certificate_pem[] =
    R"(-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUZvA9czur/+JR/L+ejQBEAf2kXbEwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIZGV2aWNlLWEwIBcNMjYxMTIyMTI0OTEyWhgPMjEyNjEwMjkx
MjQ5MTJaMBMxETAPBgNVBAMMCGRldmljZS1hMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEA3212znlXEGg6WB11bKcQeBLcNT0pEOP6MBvyXvepBngqTiuXw6quui6
NkQ2z2xtuuBgqbhIazBZ520lXnl126NTMFEwHQYDVR0OBBYEFBwEbUennuTrQPiZ
crVBsnj58D0wMB8GA1UdIwQYMBaAFBwEbUennuTrQPiZcrVBsnj58D0wMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgIARoNFir2MYIHRepPbksSCHj
TiKMph5n5QWcEKCA9U4CIQCVwlYRdTtwAT4gXAz61p4d/KUBEwRjCLz7OxrzSmzA
eg==
-----END CERTIFICATE-----
)";
inline constexpr char first_certificate_fingerprint[] =
    "B4:E3:71:5A:63:5B:45:3A:27:56:F2:26:0D:B7:CD:5D:3F:B2:5E:5C:15:12:B7:81:DD:A6:8E:99:07:61:0B:75";

inline constexpr char second_certificate_pem[] =
    R"(-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUYbfG3UhYp23yfh/iN7J/ofuXNrswCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIZGV2aWNlLWIwIBcNMjYxMTIyMTI0OTEyWhgPMjEyNjEwMjkx
MjQ5MTJaMBMxETAPBgNVBAMMCGRldmljZS1iMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEm7ylRIW/bUm1+QZzPMwv7ljgSx/66SOK1FrKlMDLAFUj6cZFOwawLqbg
crZXFrKuBT4X3tsmD8bKZ7pwpQbgdqNTMFEwHQYDVR0OBBYEFAuX/SQDNUY5LqSD
+VfCJ8EO5/+cMB8GA1UdIwQYMBaAFAuX/SQDNUY5LqSD+VfCJ8EO5/+cMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgOcXUXHM50NmomIfiu4ad5Gu1
tbkzQYFI9EiYBqMsEOICIEmbypTvAGjWuqWrEsQC8SDz4iL6rCD3xLLiBRieMB6T
-----END CERTIFICATE-----
)";
inline constexpr char second_certificate_fingerprint[] =
    "63:0C:58:BE:36:A3:3F:1F:56:C1:29:83:2F:12:8B:11:6F:48:96:70:DA:E2:39:45:81:58:40:50:E4:F6:18:0F";

}  // namespace iot::access::testing
