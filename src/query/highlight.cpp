#include "query/highlight.h"

#include "query/json_fields.h"

namespace iot::query {
namespace {

bool is_empty(const JsonNode& node) {
  return node.members.empty() && node.items.empty() && (!node.is_scalar() || node.is_null());
}

bool is_any_field(const JsonNode& fields) {
  return fields.is_object() && fields.members.size() == 1 && fields.members[0].name == "*" &&
         fields.members[0].value.is_object() && fields.members[0].value.members.empty();
}

}  // namespace

EsResult<void> check_highlight(const JsonMember& member) {
  if (is_empty(member.value)) return {};
  const EsError refused = illegal_argument("[highlight] is not supported");
  const JsonNode* fields = member.value.find("fields");
  if (fields == nullptr || !is_any_field(*fields)) return refused;
  for (const JsonMember& option : member.value.members) {
    if (option.name == "pre_tags" || option.name == "post_tags") {
      ES_CHECK(read_texts("highlight", option));
    } else if (option.name == "fragment_size" || option.name == "number_of_fragments") {
      ES_CHECK(read_integer("highlight", option));
    } else if (option.name != "fields") {
      return refused;
    }
  }
  return {};
}

}  // namespace iot::query
