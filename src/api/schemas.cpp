#include "api/schemas.h"

#include <array>

namespace iot::api {
namespace {

// Members of requests are complete: `additionalProperties: false` is what the handlers do. Answers may grow.
constexpr std::array all = {
    Schema{"Error", R"({"type":"object","required":["name","errors"],"properties":{
      "name":{"type":"string","examples":["DeviceNotFound"]},
      "errors":{"type":"array","items":{"type":"object","required":["message"],"properties":{
        "message":{"type":"string"},"field":{"type":"string","description":"what is at fault in the request"}}}}}})"},
    Schema{"Id", R"({"type":"string","pattern":"^-?[0-9]+$","description":"a 64-bit integer as decimal text"})"},
    Schema{"IdOrInteger", R"({"oneOf":[{"$ref":"#/components/schemas/Id"},{"type":"integer"}]})"},
    Schema{"Time", R"({"type":"string","format":"date-time"})"},
    Schema{"TimeOrNull", R"({"type":["string","null"],"format":"date-time"})"},
    Schema{"Name", R"({"type":"string","minLength":1,"maxLength":256})"},
    Schema{"Description", R"({"type":"string","maxLength":4096})"},
    Schema{"Password",
           R"({"type":"string","minLength":8,"maxLength":1024,"format":"password","description":"8 to 1024 bytes"})"},
    Schema{"Role", R"({"type":"string","enum":["admin","user","read-only"]})"},
    Schema{"RetentionInput",
           R"({"oneOf":[{"type":"integer","minimum":1},{"type":"string","pattern":"^[0-9]+[smhdw]$"},{"type":"null"}],
      "description":"how long readings are kept: seconds, or a text such as 12h or 30d; null: as the device, then the platform says"})"},
    Schema{"Retention", R"({"type":["integer","null"],"description":"seconds; null where nothing was set"})"},
    Schema{"RollupAgeInput", R"({"oneOf":[{"$ref":"#/components/schemas/RetentionInput"},{"const":"forever"}],
      "description":"null or absent: not kept"})"},
    Schema{"RollupsInput",
           R"({"oneOf":[{"type":"null"},{"type":"object","additionalProperties":false,"properties":{
      "minutes":{"$ref":"#/components/schemas/RollupAgeInput"},"hours":{"$ref":"#/components/schemas/RollupAgeInput"},
      "days":{"$ref":"#/components/schemas/RollupAgeInput"}}}],
      "description":"until which age summaries of minutes, hours and days are kept once the readings have gone, each longer than the one before; null: as the device, then the platform says"})"},
    Schema{"RollupAge", R"({"oneOf":[{"type":"integer"},{"const":"forever"},{"type":"null"}],
      "description":"seconds; null: not kept"})"},
    Schema{"Rollups", R"({"oneOf":[{"type":"null"},{"type":"object","required":["minutes","hours","days"],"properties":{
      "minutes":{"$ref":"#/components/schemas/RollupAge"},"hours":{"$ref":"#/components/schemas/RollupAge"},
      "days":{"$ref":"#/components/schemas/RollupAge"}}}],"description":"null where nothing was set"})"},
    Schema{"SilentAfterInput",
           R"({"oneOf":[{"type":"integer","minimum":1},{"type":"string","pattern":"^[0-9]+[smhdw]$"},{"type":"null"}],
      "description":"after how long without a sign of life the device counts as silent: seconds, or a text such as 15m, up to ten years; null: never"})"},
    Schema{"SilentAfter", R"({"type":["integer","null"],"description":"seconds; null where nothing was set"})"},
    Schema{"Fingerprint", R"({"type":"string","pattern":"^[0-9a-f]{64}$","description":"SHA-256 of the DER form"})"},
    Schema{"Mapping",
           R"({"type":"object","required":["type"],"additionalProperties":false,"properties":{"type":{"type":"string",
      "enum":["double","float","long","integer","short","byte","boolean","keyword","text","date","geo_point","object"]}}})"},
    Schema{"MappingInput", R"({"oneOf":[{"$ref":"#/components/schemas/Mapping"},
      {"type":"string","description":"the same object as a text of JSON","examples":["{\"type\":\"double\"}"]}]})"},

    Schema{"SignIn", R"({"type":"object","required":["username","password"],"additionalProperties":false,
      "properties":{"username":{"type":"string"},"password":{"type":"string"}}})"},
    Schema{"Token", R"({"type":"object","required":["token"],"properties":{"token":{"type":"string"}}})"},
    Schema{"User", R"({"type":"object","required":["id","name","username","role","created"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"username":{"type":"string"},
      "role":{"$ref":"#/components/schemas/Role"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"Session", R"({"allOf":[{"$ref":"#/components/schemas/User"},{"type":"object","required":["expires"],
      "properties":{"expires":{"$ref":"#/components/schemas/Time"}}}],"description":"the signed-in user"})"},
    Schema{
        "SessionResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Session"}}})"},
    Schema{"SessionEnded", R"({"type":"object","required":["result"],"properties":{"result":{"type":"object"}}})"},
    Schema{"NewUser", R"({"type":"object","required":["username","password"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"username":{"$ref":"#/components/schemas/Name"},
      "password":{"$ref":"#/components/schemas/Password"},"role":{"$ref":"#/components/schemas/Role"}}})"},
    Schema{"UserPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"username":{"$ref":"#/components/schemas/Name"},
      "password":{"$ref":"#/components/schemas/Password"},"role":{"$ref":"#/components/schemas/Role"}}})"},
    Schema{"UserResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/User"}}})"},
    Schema{"UserList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/User"}},"next":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{
        "Device",
        R"({"type":"object","required":["id","name","description","user_id","retention","rollups","silent_after_s","created"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"description":{"type":"string"},
      "user_id":{"$ref":"#/components/schemas/Id"},"retention":{"$ref":"#/components/schemas/Retention"},
      "rollups":{"$ref":"#/components/schemas/Rollups"},
      "silent_after_s":{"$ref":"#/components/schemas/SilentAfter"},
      "created":{"$ref":"#/components/schemas/Time"},
      "connected":{"type":"boolean","description":"of one device, not in lists"},
      "last_seen":{"$ref":"#/components/schemas/TimeOrNull"},
      "sensors":{"type":"array","items":{"$ref":"#/components/schemas/Sensor"},"description":"the first ones"}}})"},
    Schema{"Presence", R"({"type":"object","required":["connected","connections","last_seen","sessions"],"properties":{
      "connected":{"type":"boolean"},"connections":{"type":"integer"},
      "connected_since":{"$ref":"#/components/schemas/TimeOrNull"},
      "last_seen":{"$ref":"#/components/schemas/TimeOrNull"},
      "protocol":{"type":["string","null"],"enum":["mqtt","websocket","http",null],"description":"of the last sign of life"},
      "address":{"type":["string","null"],"description":"likewise"},
      "last_error":{"type":["string","null"]},"last_error_at":{"$ref":"#/components/schemas/TimeOrNull"},
      "silent_since":{"$ref":"#/components/schemas/TimeOrNull"},
      "sessions":{"type":"array","description":"over MQTT","items":{"type":"object","properties":{
        "client_id":{"type":"string"},"connected":{"type":"boolean"},
        "connected_since":{"$ref":"#/components/schemas/TimeOrNull"},
        "disconnected_at":{"$ref":"#/components/schemas/TimeOrNull"},
        "subscriptions":{"type":"integer"},"queued":{"type":"integer"},"queued_bytes":{"type":"integer"},
        "in_flight":{"type":"integer"},"dropped_full":{"type":"integer"},"dropped_expired":{"type":"integer"}}}}}})"},
    Schema{
        "PresenceResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Presence"}}})"},
    Schema{"DeviceEvent", R"({"type":"object","required":["id","event","time"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"event":{"type":"string","enum":["silent","back"]},
      "time":{"$ref":"#/components/schemas/Time"},"last_seen":{"$ref":"#/components/schemas/TimeOrNull"}}})"},
    Schema{"DeviceEventList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/DeviceEvent"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"Command",
           R"({"type":"object","required":["id","device_id","name","payload","state","created","expires"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"device_id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},
      "payload":{"description":"any JSON"},
      "state":{"type":"string","enum":["queued","sent","delivered","acknowledged","expired","failed"]},
      "created":{"$ref":"#/components/schemas/Time"},"expires":{"$ref":"#/components/schemas/Time"},
      "sent":{"$ref":"#/components/schemas/TimeOrNull"},"delivered":{"$ref":"#/components/schemas/TimeOrNull"},
      "answered":{"$ref":"#/components/schemas/TimeOrNull"},"response":{"description":"any JSON; null: none yet"},
      "user_id":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"NewCommand", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"payload":{"description":"any JSON, at most 64 KiB"},
      "ttl_s":{"oneOf":[{"type":"integer","minimum":1,"maximum":31536000},{"type":"string","pattern":"^[0-9]+[smhdw]$"}],
        "description":"how long the device may take to receive it: seconds, or a text such as 15m, up to a year; a day where absent"}}})"},
    Schema{
        "CommandResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Command"}}})"},
    Schema{"CommandList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Command"}},"next":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{"NewDevice", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "silent_after_s":{"$ref":"#/components/schemas/SilentAfterInput"},
      "retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"DevicePatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "silent_after_s":{"$ref":"#/components/schemas/SilentAfterInput"},
      "retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"DeviceResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Device"}}})"},
    Schema{"DeviceList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Device"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"DeviceKey", R"({"type":"object","required":["token","device_id"],"properties":{
      "token":{"type":"string"},"device_id":{"$ref":"#/components/schemas/Id"}}})"},

    Schema{
        "Sensor",
        R"({"type":"object","required":["id","device_id","name","description","unit","path","mapping","retention","rollups","created"],
      "properties":{"id":{"$ref":"#/components/schemas/Id"},"device_id":{"$ref":"#/components/schemas/Id"},
      "name":{"type":"string"},"description":{"type":"string"},"unit":{"type":"string"},
      "path":{"type":"string","examples":["Wheels/Front/Left"]},"mapping":{"$ref":"#/components/schemas/Mapping"},
      "retention":{"$ref":"#/components/schemas/Retention"},
      "rollups":{"$ref":"#/components/schemas/Rollups"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"NewSensor", R"({"type":"object","required":["name","mapping"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "unit":{"type":"string","maxLength":64},"path":{"type":"string"},
      "mapping":{"$ref":"#/components/schemas/MappingInput"},"retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"NewSensors", R"({"oneOf":[{"$ref":"#/components/schemas/NewSensor"},
      {"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/NewSensor"}}]})"},
    Schema{"SensorOrSensors", R"({"oneOf":[{"$ref":"#/components/schemas/Sensor"},
      {"type":"array","items":{"$ref":"#/components/schemas/Sensor"}}],"description":"as the request: one, or an array in its order"})"},
    Schema{"SensorPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"},
      "unit":{"type":"string","maxLength":64},"path":{"type":"string"},"retention":{"$ref":"#/components/schemas/RetentionInput"},
      "rollups":{"$ref":"#/components/schemas/RollupsInput"}}})"},
    Schema{"SensorResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Sensor"}}})"},
    Schema{"SensorWithReadings", R"({"type":"object","required":["result","readings"],"properties":{
      "result":{"$ref":"#/components/schemas/Sensor"},"readings":{"type":"object","properties":{
        "first":{"type":["string","null"],"format":"date-time"},"last":{"type":["string","null"],"format":"date-time"},
        "disk_bytes":{"type":"integer"}}}}})"},
    Schema{"SensorList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Sensor"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"Latest",
           R"({"type":"object","required":["sensor_id","name","path","unit","timestamp","value"],"properties":{
      "sensor_id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"path":{"type":"string"},
      "unit":{"type":"string"},"timestamp":{"$ref":"#/components/schemas/TimeOrNull"},
      "value":{"description":"as the sensor's mapping says; null, as the time, where nothing has come yet"}}})"},
    Schema{"LatestResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Latest"}}})"},
    Schema{"LatestList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Latest"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{
        "TreeNode",
        R"({"type":"object","required":["paths","sensors"],"properties":{"name":{"type":"string"},"path":{"type":"string"},
      "paths":{"type":"array","items":{"$ref":"#/components/schemas/TreeNode"}},
      "sensors":{"type":"array","items":{"$ref":"#/components/schemas/Sensor"}}}})"},
    Schema{"TreeResult", R"({"type":"object","required":["result"],"properties":{"result":{"allOf":[
      {"$ref":"#/components/schemas/TreeNode"},{"type":"object","properties":{"device_id":{"$ref":"#/components/schemas/Id"}}}]}}})"},

    Schema{"Certificate", R"({"type":"object","required":["fingerprint","device_id","name","created"],"properties":{
      "fingerprint":{"$ref":"#/components/schemas/Fingerprint"},"device_id":{"$ref":"#/components/schemas/Id"},
      "name":{"type":"string"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"NewCertificate", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},
      "certificate":{"type":"string","description":"in PEM form, alone, without its key; or else:"},
      "fingerprint":{"type":"string","description":"SHA-256, 64 hexadecimal digits in any case, with colons or without"}},
      "oneOf":[{"required":["certificate"]},{"required":["fingerprint"]}]})"},
    Schema{
        "CertificateResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Certificate"}}})"},
    Schema{"CertificateList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Certificate"}}}})"},
    Schema{"CertificateRemoved", R"({"type":"object","required":["result"],"properties":{"result":{"type":"object",
      "properties":{"fingerprint":{"$ref":"#/components/schemas/Fingerprint"}}}}})"},

    Schema{"Consumer", R"({"type":"object","required":["id","name","description","user_id","created"],"properties":{
      "id":{"$ref":"#/components/schemas/Id"},"name":{"type":"string"},"description":{"type":"string"},
      "user_id":{"$ref":"#/components/schemas/Id"},"created":{"$ref":"#/components/schemas/Time"}}})"},
    Schema{"NewConsumer", R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"}}})"},
    Schema{"ConsumerPatch", R"({"type":"object","additionalProperties":false,"properties":{
      "name":{"$ref":"#/components/schemas/Name"},"description":{"$ref":"#/components/schemas/Description"}}})"},
    Schema{
        "ConsumerResult",
        R"({"type":"object","required":["result"],"properties":{"result":{"$ref":"#/components/schemas/Consumer"}}})"},
    Schema{"ConsumerList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/Consumer"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"ConsumerKey", R"({"type":"object","required":["token","consumer_id"],"properties":{
      "token":{"type":"string"},"consumer_id":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"NewGrant", R"({"type":"object","required":["sensor_id"],"additionalProperties":false,"properties":{
      "sensor_id":{"$ref":"#/components/schemas/IdOrInteger"}}})"},
    Schema{"GrantResult",
           R"({"type":"object","required":["result"],"properties":{"result":{"type":"object","properties":{
      "consumer_id":{"$ref":"#/components/schemas/Id"},"sensor_id":{"$ref":"#/components/schemas/Id"}}}}})"},

    Schema{"Removed", R"({"type":"object","required":["result"],"properties":{"result":{"type":"object","properties":{
      "id":{"$ref":"#/components/schemas/Id"}}}}})"},
    Schema{"AuditEntry", R"({"type":"object","properties":{"id":{"$ref":"#/components/schemas/Id"},
      "time":{"$ref":"#/components/schemas/Time"},"user_id":{"$ref":"#/components/schemas/Id"},"address":{"type":"string"},
      "action":{"type":"string","examples":["device.create"]},"subject":{"type":"string","examples":["device/3"]},
      "details":{"type":"object"}}})"},
    Schema{"AuditList", R"({"type":"object","required":["result"],"properties":{
      "result":{"type":"array","items":{"$ref":"#/components/schemas/AuditEntry"}},"next":{"$ref":"#/components/schemas/Id"}}})"},
    Schema{"Query", R"({"type":"object","description":"a search request of Elasticsearch 8"})"},
    Schema{"QueryAnswer",
           R"({"type":"object","description":"as Elasticsearch 8 answers it; errors too are in its form"})"},
    Schema{"Health", R"({"type":"object","properties":{"status":{"const":"ok"}}})"},
    Schema{"Readiness",
           R"({"type":"object","properties":{"status":{"enum":["ready","not_ready"]},"parts":{"type":"array","items":{
      "type":"object","properties":{"name":{"type":"string"},"ready":{"type":"boolean"},"message":{"type":"string"}}}}}})"},
    Schema{"KeySet",
           R"({"type":"object","required":["keys"],"properties":{"keys":{"type":"array","items":{"type":"object"}}}})"},
    Schema{"OpenApi", R"({"type":"object","description":"an OpenAPI 3.1 document"})"},
};

}  // namespace

std::span<const Schema> schemas() {
  return all;
}

}  // namespace iot::api
