// The page that shows the OpenAPI document. It fetches nothing from elsewhere, and has script and style apart, as the
// content security policy wants.
#pragma once

#include <string_view>

namespace iot::api {

std::string_view docs_html();
std::string_view docs_js();
std::string_view docs_css();

}  // namespace iot::api
