// The pages that are built in: the first page, and the one that shows the OpenAPI document. They fetch nothing from
// elsewhere, and have script and style apart, as the content security policy wants.
#pragma once

#include <string_view>

namespace iot::api {

std::string_view landing_html();
std::string_view docs_html();
std::string_view docs_js();
std::string_view docs_css();

}  // namespace iot::api
