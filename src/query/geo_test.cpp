// Places: sensor 4 (geo_point) has Berlin, Paris and Sydney, sensor 5 (geo_point) Fiji and Samoa, on both sides of the
// 180th meridian; sensor 6 is a double, sensor 7 an object.
#include <string>

#include "model/geo_point.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;

class Geo : public testing::Test {
 protected:
  Geo() {
    world.add_sensor(3, 4, model::MappingType::geo_point);
    world.add_sensor(3, 5, model::MappingType::geo_point);
    world.add_sensor(3, 6, model::MappingType::double_precision);
    world.add_sensor(3, 7, model::MappingType::object);
    world.add(4, start_ns, std::string(R"({"lat":52.52,"lon":13.405})"));
    world.add(4, start_ns + 1, std::string(R"({"lat":48.8566,"lon":2.3522})"));
    world.add(4, start_ns + 2, std::string(R"({"lat":-33.8688,"lon":151.2093})"));
    world.add(5, start_ns, std::string(R"({"lat":-18.0,"lon":178.0})"));
    world.add(5, start_ns + 1, std::string(R"({"lat":-14.0,"lon":-172.0})"));
    world.add(6, start_ns, 1.0);
    world.add(7, start_ns, std::string("{}"));
    world.store.seal();
  }

  std::int64_t count(const std::string& query, const std::string& index = "3_4") {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_count", R"({"query":{)" + query + "}}");
    EXPECT_EQ(answer.status, 200u) << query << answer.body;
    return json::parse(answer.body).at("count").to_number<std::int64_t>();
  }

  json::value ask(const std::string& aggregation, const std::string& index = "3_4") {
    return search(world, R"({"size":0,"aggs":{"a":{)" + aggregation + "}}}", "/" + index + "/_search")
        .at("aggregations")
        .at("a");
  }

  void refuses(const std::string& body, const std::string& type, const std::string& reason,
               const std::string& index = "3_4") {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_search", "{" + body + "}");
    EXPECT_EQ(answer.status, 400u) << body << answer.body;
    EXPECT_NE(answer.body.find(reason), std::string::npos) << body << "\n" << answer.body;
    EXPECT_NE(answer.body.find("\"" + type + "\""), std::string::npos) << body << "\n" << answer.body;
  }

  QueryWorld world;
};

TEST_F(Geo, Bounds) {
  EXPECT_EQ(ask(R"("geo_bounds":{"field":"value"})"), json::parse(R"({"bounds":{"top_left":{"lat":52.52,"lon":2.3522},
                                      "bottom_right":{"lat":-33.8688,"lon":151.2093}}})"));
  EXPECT_EQ(
      ask(R"("geo_bounds":{"field":"value"})", "3_5"),
      json::parse(R"({"bounds":{"top_left":{"lat":-14.0,"lon":178.0},"bottom_right":{"lat":-18.0,"lon":-172.0}}})"))
      << "across the 180th meridian, which is shorter";
  EXPECT_EQ(
      ask(R"("geo_bounds":{"field":"value","wrap_longitude":false})", "3_5"),
      json::parse(R"({"bounds":{"top_left":{"lat":-14.0,"lon":-172.0},"bottom_right":{"lat":-18.0,"lon":178.0}}})"));
  EXPECT_EQ(ask(R"("geo_bounds":{"field":"value"})", "3_7"), json::parse("{}"));
  EXPECT_EQ(ask(R"("geo_bounds":{"field":"nothing","missing":"1,2"})"),
            json::parse(R"({"bounds":{"top_left":{"lat":1.0,"lon":2.0},"bottom_right":{"lat":1.0,"lon":2.0}}})"));
}

TEST_F(Geo, Centroid) {
  EXPECT_TRUE(
      nearly_equal(ask(R"("geo_centroid":{"field":"value"})"),
                   json::parse(R"({"location":{"lat":22.502600000000001,"lon":55.655500000000004},"count":3})")));
  EXPECT_EQ(ask(R"("geo_centroid":{"field":"value"})", "3_7"), json::parse(R"({"count":0})"));
  const json::value ordered =
      ask(R"("terms":{"field":"sensor_id","order":{"c.lat":"asc"}},"aggs":{"c":{"geo_centroid":{"field":"value"}}})",
          "3_4,3_5");
  EXPECT_EQ(ordered.at("buckets").at(0).at("key"), "5");
}

TEST_F(Geo, AggregationsRefuse) {
  refuses(R"("aggs":{"a":{"geo_bounds":{"field":"value"}}})", "illegal_argument_exception",
          "Field [value] of type [double] is not supported for aggregation [geo_bounds]", "3_6");
  refuses(R"("aggs":{"a":{"geo_centroid":{"field":"timestamp"}}})", "illegal_argument_exception",
          "Field [timestamp] of type [date_nanos] is not supported for aggregation [geo_centroid]");
  refuses(R"("aggs":{"a":{"geo_centroid":{"field":"value","wrap_longitude":true}}})", "x_content_parse_exception",
          "[geo_centroid] unknown field [wrap_longitude]");
  refuses(R"("aggs":{"a":{"geo_bounds":{"field":"value","missing":"here"}}})", "illegal_argument_exception",
          "[missing]");
  EXPECT_EQ(ask(R"("value_count":{"field":"value"})").at("value"), 3);
  EXPECT_EQ(ask(R"("cardinality":{"field":"value"})").at("value"), 3);
}

TEST_F(Geo, DocValuesAreTextsOfTheIndexedPlace) {
  world.add_sensor(3, 8, model::MappingType::geo_point);
  world.add(8, start_ns, std::string(R"({"lat":0.036,"lon":32.849})"));
  world.add(8, start_ns + 1, std::string(R"({"lat":-59.146,"lon":122.141})"));
  world.add(8, start_ns + 2, std::string(R"({"lat":90.0,"lon":180.0})"));
  world.store.seal();
  const json::value hits =
      search(world, R"({"sort":"timestamp","docvalue_fields":["value"]})", "/3_8/_search").at("hits").at("hits");
  const auto shown = [&](std::size_t hit) { return hits.at(hit).at("fields").at("value").at(0).as_string(); };
  EXPECT_EQ(shown(0), "0.03599998075515032, 32.84899997524917");
  EXPECT_EQ(shown(1), "-59.146000016480684, 122.14099997654557");
  EXPECT_EQ(shown(2), "89.99999995809048, 179.99999991618097");
}

TEST_F(Geo, NoTermsMatchNothing) {
  EXPECT_EQ(count(R"("terms":{"value":[]})"), 0);
  refuses(R"("query":{"terms":{"value":["a"]}})", "query_shard_exception", "do not support exact searching");
}

TEST_F(Geo, RangesWithoutBoundsWantAValue) {
  EXPECT_EQ(count(R"("range":{"value":{}})"), 3);
  EXPECT_EQ(count(R"("range":{"_id":{}})"), 3);
  refuses(R"("query":{"range":{"value":{"gt":1}}})", "query_shard_exception", "does not support range queries");
}

TEST_F(Geo, BoundingBox) {
  const auto box = [&](const std::string& corners, const std::string& index = "3_4") {
    return count(R"("geo_bounding_box":{"value":{)" + corners + "}}", index);
  };
  EXPECT_EQ(box(R"("top_left":{"lat":55,"lon":0},"bottom_right":{"lat":45,"lon":20})"), 2);
  EXPECT_EQ(box(R"("top_left":[0,55],"bottom_right":"45,20")"), 2);
  EXPECT_EQ(box(R"("top_right":{"lat":55,"lon":20},"bottom_left":{"lat":50,"lon":0})"), 1);
  EXPECT_EQ(box(R"("top":52.52,"left":13.405,"bottom":52.52,"right":13.405)"), 1) << "its sides belong to it";
  EXPECT_EQ(box(R"("top":0,"left":170,"bottom":-90,"right":-170)", "3_5"), 2) << "across the 180th meridian";
  EXPECT_EQ(box(R"("top":0,"left":-170,"bottom":-90,"right":170)", "3_5"), 0);
  EXPECT_EQ(count(R"("geo_bounding_box":{"place":{"top":1,"left":0,"bottom":0,"right":1},"ignore_unmapped":true})"), 0);
  const auto wrong = [&](const std::string& body, const std::string& type, const std::string& reason,
                         const std::string& index = "3_4") {
    refuses(R"("query":{"geo_bounding_box":{)" + body + "}}", type, reason, index);
  };
  wrong(R"("value":{"top":1,"left":0,"bottom":2,"right":1})", "illegal_argument_exception",
        "top is below bottom corner: 1.0 vs. 2.0");
  wrong(R"("value":{"top":91,"left":0,"bottom":2,"right":1})", "parse_exception", "top is invalid: 91");
  wrong(R"("value":{"top":1,"left":0,"bottom":0})", "parse_exception", "a side is missing");
  wrong(R"("value":{"wkt":"BBOX"})", "parse_exception", "unexpected field [wkt]");
  wrong(R"("value":{"top_left":"u33","bottom_right":[1,1]})", "parse_exception", "a point is");
  wrong("", "parse_exception", "bounding box not provided");
  wrong(R"("place":{"top":1,"left":0,"bottom":0,"right":1})", "query_shard_exception",
        "failed to find geo field [place]");
  wrong(R"("value":{"top":1,"left":0,"bottom":0,"right":1})", "query_shard_exception",
        "Field [value] is of unsupported type [double] for [geo_bounding_box] query", "3_6");
  wrong(R"("value":{"top":1,"left":0,"bottom":0,"right":1},"validation_method":"COERCE")", "illegal_argument_exception",
        "[validation_method]");
}

TEST_F(Geo, Distance) {
  // Berlin to Paris are 877.46 km.
  const auto within = [&](const std::string& options) {
    return count(R"("geo_distance":{"value":{"lat":52.52,"lon":13.405},)" + options + "}");
  };
  EXPECT_EQ(within(R"("distance":"877km")"), 1);
  EXPECT_EQ(within(R"("distance":"878km")"), 2);
  EXPECT_EQ(within(R"("distance":"878000")"), 2);
  EXPECT_EQ(within(R"("distance":878000,"distance_type":"plane")"), 2);
  EXPECT_EQ(within(R"("distance":545.5,"unit":"miles")"), 2);
  EXPECT_EQ(within(R"("distance":"545mi")"), 1);
  EXPECT_EQ(within(R"("distance":"474nmi")"), 2);
  EXPECT_EQ(within(R"("distance":"1mm")"), 1);
  EXPECT_EQ(within(R"("distance":"20016km")"), 3) << "half around the Earth";
  EXPECT_EQ(count(R"("geo_distance":{"value":[180,-18],"distance":"300km"})", "3_5"), 1) << "across the 180th meridian";
  EXPECT_EQ(count(R"("geo_distance":{"value":"-18,-180","distance":"300km"})", "3_5"), 1);
  const auto wrong = [&](const std::string& body, const std::string& type, const std::string& reason,
                         const std::string& index = "3_4") {
    refuses(R"("query":{"geo_distance":{)" + body + "}}", type, reason, index);
  };
  wrong(R"("value":[1,2])", "parsing_exception", "geo_distance requires 'distance' to be specified");
  wrong(R"("value":[1,2],"distance":"0km")", "illegal_argument_exception", "distance must be greater than zero");
  wrong(R"("value":[1,2],"distance":"far")", "number_format_exception", "far");
  wrong(R"("value":[1,2],"distance":1,"unit":"parsec")", "illegal_argument_exception",
        "No distance unit match [parsec]");
  wrong(R"("value":[1,2],"distance":1,"distance_type":"rhumb")", "illegal_argument_exception",
        "No geo distance for [rhumb]");
  wrong(R"("value":[1,200],"distance":1)", "parse_exception", "a point is");
  wrong(R"("value":[1,2],"other":[1,2],"distance":1)", "parsing_exception", "unexpected field [other]");
  wrong(R"("value":[1,2],"distance":1)", "query_shard_exception",
        "Field [value] is of unsupported type [double] for [geo_distance] query", "3_6");
}

}  // namespace
}  // namespace iot::query
