// The part `highlight` of a search.
#pragma once

#include "query/es_error.h"
#include "query/json_tree.h"

namespace iot::query {

/// Taken: nothing, or a wish to have the words found marked in whichever fields have some ({"fields": {"*": {}}} with
/// tags and lengths), which Grafana adds to every search of a logs panel. Hits are shown without marks. Marks that are
/// asked for by the name of a field are refused.
EsResult<void> check_highlight(const JsonMember& member);

}  // namespace iot::query
