// Headers on every answer that tell browsers to do nothing with it but what we mean.
#pragma once

#include "net/http.h"

namespace iot::api {

/// Adds them: no sniffing of types, no frames, no referrer, no storing, and a content security policy: none of anything
/// for data; for text/html only what comes from here, and no script or style inside the page.
void add_security_headers(net::HttpResponse& response);

}  // namespace iot::api
