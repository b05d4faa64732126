#include "base/json_writer.h"
#include "ingest/ingestor.h"

namespace iot::ingest {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::refused:
      return {"refused", Failure::invalid};
  }
  return {"unknown", Failure::internal};
}

void append_faults_json(std::string& out, const std::vector<Fault>& faults) {
  JsonWriter json(out);
  json.begin_object().key("name").string("ReadingsRefused").key("errors").begin_array();
  for (const Fault& fault : faults) {
    json.begin_object().key("index").unsigned_integer(fault.index);
    if (!fault.field.empty()) json.key("field").string(fault.field);
    json.key("message").string(fault.message).end_object();
  }
  json.end_array().end_object();
}

}  // namespace iot::ingest
