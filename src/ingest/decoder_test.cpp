#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/ingestor.h"
#include "ingest/testing/sample_snapshot.h"

namespace iot::ingest {
namespace {

using model::MappingType;
using testing::PaddedText;

constexpr Timestamp arrival{1'600'000'000'000'000'000};

class DecoderTest : public ::testing::Test {
 protected:
  std::vector<Fault> decode(std::string_view text, DeviceId device = testing::device) {
    return decoder_.decode(PaddedText(text), device, snapshot_, arrival, batch_);
  }

  /// "4@1526717967000000000=91827364" for each reading, or the faults.
  std::string seen(std::string_view text) {
    std::string out;
    const auto faults = decode(text);
    if (!faults.empty()) {
      for (const Fault& fault : faults)
        out += std::to_string(fault.index) + ":" + fault.field + ": " + fault.message + "\n";
      return out;
    }
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      out += batch_.sensor(i).to_string() + "@" + std::to_string(batch_.time(i).ns) + "=";
      switch (column_kind(batch_.mapping(i))) {
        case model::ColumnKind::real:
          model::append_value_json(out, batch_.mapping(i), batch_.real(i));
          break;
        case model::ColumnKind::integer:
          model::append_value_json(out, batch_.mapping(i), batch_.integer(i));
          break;
        case model::ColumnKind::text:
          out += batch_.text(i);
          break;
      }
      out += '\n';
    }
    return out;
  }

  static std::string reading(MappingType mapping, std::string_view value) {
    return "{\"sensor_id\":\"" + testing::sensor_of(mapping).to_string() +
           "\",\"timestamp\":1526717967,\"value\":" + std::string(value) + "}";
  }

  registry::Snapshot snapshot_ = testing::sample_snapshot();
  Decoder decoder_{{.readings_max = 5, .text_bytes_max = 40, .depth_max = 3, .faults_max = 3}};
  model::ReadingBatch batch_;
};

constexpr std::string_view one = "4@1526717967000000000=91827364.0\n";

TEST_F(DecoderTest, TakesOneReadingOrAnArray) {
  const std::string text = R"({"sensor_id":"4","timestamp":1526717967,"value":"91827364"})";
  EXPECT_EQ(seen(text), one);
  EXPECT_EQ(batch_.device, testing::device);
  EXPECT_EQ(seen("[" + text + "]"), one);
  EXPECT_EQ(seen("[" + text + "," + text + "]"), std::string(one) + std::string(one));
  EXPECT_EQ(seen("[]"), "");
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(seen(" [ ] "), "");
}

TEST_F(DecoderTest, FurtherMessagesAreAddedAndABadOneLeavesWhatWasThere) {
  const auto add = [&](const std::string& text) {
    return decoder_.decode_more(PaddedText(text), snapshot_, arrival, batch_);
  };
  const std::string good = reading(MappingType::keyword, R"("first")");
  ASSERT_TRUE(decode(good).empty());
  EXPECT_TRUE(add("[" + good + "," + reading(MappingType::double_precision, "2") + "]").empty());
  EXPECT_EQ(batch_.size(), 3u);
  // Bad in the middle, in both ways of decoding, and more readings than one message may have.
  EXPECT_EQ(add("[" + good + "," + reading(MappingType::double_precision, "true") + "]").size(), 1u);
  EXPECT_EQ(add("[" + good + R"(,{"extra":1,"sensor_id":"999","value":1}])").size(), 1u);
  EXPECT_EQ(add("[" + good + "," + good + "," + good + "," + good + "," + good + "," + good + "]").size(), 1u);
  ASSERT_EQ(batch_.size(), 3u);
  EXPECT_EQ(batch_.text(1), "first");
  // The limit is for each message, not for all of them.
  EXPECT_TRUE(add("[" + good + "," + good + "," + good + "]").empty());
  ASSERT_EQ(batch_.size(), 6u);
  EXPECT_EQ(batch_.text(5), "first");
}

TEST_F(DecoderTest, TheFormOfAGoodReadingIsTheSendersChoice) {
  const char* const good[] = {
      R"({"value":"91827364","timestamp":1526717967,"sensor_id":"4"})",
      R"({"timestamp":1526717967,"sensor_id":4,"value":91827364})",
      " {\n\t\"sensor_id\" : \"4\" , \"timestamp\" : 1526717967 , \"value\" : 91827364.0 }\r\n",
      R"({"sensor_id":"4","timestamp":"2018-05-19T08:19:27Z","value":9.1827364e7})",
      R"({"sensor_id":"4","timestamp":"2018-05-19T10:19:27+02:00","value":"9.1827364E+7"})",
      R"({"sensor_id":"4","timestamp":1526717967.000,"value":" 91827364 "})",
      R"({"sensor_id":"4","timestamp":1526717967000,"value":91827364})",
      R"({"sensor_id":"4","timestamp":1526717967000000,"value":91827364})",
      R"({"sensor_id":"4","timestamp":1526717967000000000,"value":91827364})",
      R"({"sensor\u005fid":"\u0034","times\u0074amp":1526717967,"valu\u0065":"\u0039\u0031827364"})",
      R"({"unit":"m","sensor_id":"4","timestamp":1526717967,"value":91827364,"more":{"a":[1,null,true,"x",{}]}})",
      R"({"sensor_id":"4","timestamp":1526717967,"value":91827364,"é":"é","e":"\ud83d\ude00"})",
  };
  for (const char* text : good) {
    EXPECT_EQ(seen(text), one) << text;
    EXPECT_EQ(seen("[" + std::string(text) + "]"), one) << text;
  }
}

TEST_F(DecoderTest, AReadingWithoutTimeIsOfItsArrival) {
  EXPECT_EQ(seen(R"({"sensor_id":"4","value":1})"), "4@1600000000000000000=1.0\n");
}

TEST_F(DecoderTest, KeepsValuesAsTheirMappingWants) {
  struct Case {
    MappingType mapping;
    const char* sent;
    const char* kept;
  };
  const Case cases[] = {
      {MappingType::double_precision, "21.5", "21.5"},
      {MappingType::double_precision, "-0.001", "-0.001"},
      {MappingType::double_precision, "0.1", "0.1"},
      {MappingType::double_precision, "123456789012345", "123456789012345.0"},
      {MappingType::double_precision, "0.30000000000000004", "0.30000000000000004"},
      {MappingType::double_precision, "\"1e-3\"", "0.001"},
      {MappingType::double_precision, "-0", "-0.0"},
      {MappingType::single_precision, "0.1", "0.1"},
      {MappingType::long_integer, "9223372036854775807", "9223372036854775807"},
      {MappingType::long_integer, "-9223372036854775808", "-9223372036854775808"},
      {MappingType::long_integer, "\"9007199254740993\"", "9007199254740993"},
      {MappingType::long_integer, "7.9", "7"},
      {MappingType::long_integer, "-7.9", "-7"},
      {MappingType::long_integer, "123", "123"},
      {MappingType::integer, "\"-5\"", "-5"},
      {MappingType::short_integer, "32767", "32767"},
      {MappingType::byte_integer, "-128", "-128"},
      {MappingType::boolean, "true", "true"},
      {MappingType::boolean, "\"false\"", "false"},
      {MappingType::keyword, "\"007\"", "007"},
      {MappingType::keyword, "007e", nullptr},
      {MappingType::keyword, "1.50", "1.50"},
      {MappingType::keyword, "true", "true"},
      {MappingType::text, "\"\"", ""},
      {MappingType::text, R"("a\n\"b\" \u00e9")", "a\n\"b\" é"},
      {MappingType::date, "\"2018-05-19T08:19:27Z\"", "\"2018-05-19T08:19:27.000000000Z\""},
      {MappingType::geo_point, R"({ "lat" : 1.5, "lon" : 2 })", R"({"lat":1.5,"lon":2})"},
      {MappingType::object, R"({ "b" : [ 1 , "x y" ] , "a" : null })", R"({"b":[1,"x y"],"a":null})"},
      {MappingType::object, "{}", "{}"},
  };
  for (const Case& test : cases) {
    const std::string line = seen(reading(test.mapping, test.sent));
    if (!test.kept) {
      EXPECT_NE(line.find("not well-formed JSON"), std::string::npos) << line;
      continue;
    }
    const std::string expected =
        testing::sensor_of(test.mapping).to_string() + "@1526717967000000000=" + test.kept + "\n";
    if (test.mapping == MappingType::date) {
      EXPECT_EQ(line.substr(0, line.find('=')), expected.substr(0, expected.find('='))) << line;
    } else if (test.mapping == MappingType::geo_point) {
      EXPECT_NE(line.find("1.5"), std::string::npos) << line;
    } else {
      EXPECT_EQ(line, expected) << test.sent;
    }
  }
}

TEST_F(DecoderTest, RefusesWithTheNameOfTheFault) {
  struct Case {
    std::string text;
    const char* fault;
  };
  const std::string good = reading(MappingType::double_precision, "1");
  const auto value = [](MappingType mapping, const char* json) { return reading(mapping, json); };
  const auto with = [](const char* members) { return "{" + std::string(members) + "}"; };
  const char* const json = ":: the message is not well-formed JSON";
  const char* const time = "0:timestamp: ";
  const std::vector<Case> cases = {
      // The message.
      {"", "0:: the message is empty"},
      {" \n\t ", "0:: the message is empty"},
      {"hello", json},
      {"42", "one reading, an object"},
      {"\"x\"", "one reading, an object"},
      {"null", "one reading, an object"},
      {"true", "one reading, an object"},
      {"{", json},
      {"[", json},
      {"]", json},
      {"}", json},
      {"[}", json},
      {good.substr(0, good.size() - 1), json},
      {"[" + good, json},
      {"[" + good + ",]", json},
      {"[," + good + "]", json},
      {"[" + good + ",," + good + "]", json},
      {"[" + good + " " + good + "]", json},
      {good.substr(0, good.size() - 1) + ",}", json},
      {good + good, "JSON"},
      {good + "\n" + good, "JSON"},
      {good + "x", "JSON"},
      {good + "]", "JSON"},
      {good + std::string(1, '\0'), "JSON"},
      {"[" + good + "]]", "JSON"},
      {"[" + good + "],", "JSON"},
      {"\xEF\xBB\xBF" + good, "JSON"},
      {"{'sensor_id':'4','value':1}", json},
      {"{sensor_id:4,value:1}", json},
      {"/* */" + good, json},
      {R"({"sensor_id" "4","value":1})", json},
      {R"({"sensor_id":"4",,"value":1})", json},
      {R"({"sensor_id":"4","value":1)"
       "\xFF}",
       "UTF-8"},
      {"{\"sensor_id\":\"4\",\"value\":\"\xFF\"}", "UTF-8"},
      {"{\"sensor_id\":\"4\",\"value\":\"\xE2\x82\"}", "UTF-8"},
      {"{\"sensor_id\":\"4\",\"value\":\"\xC0\xAF\"}", "UTF-8"},
      {"{\"sensor_id\":\"4\",\"value\":\"\xED\xA0\x80\"}", "UTF-8"},
      {"{\"sensor_id\":\"4\",\"value\":1,\"\xFF\":1}", "UTF-8"},
      {"[1, 2]", "0:: a reading is an object\n1:: a reading is an object\n"},
      {"[[" + good + "]]", "0:: a reading is an object"},
      {"[" + good + ", null]", "1:: a reading is an object"},
      {"[" + good + ", \"x]", json},
      {"[nul]", json},
      {"[" + good + ",[tru]]", "JSON"},
      {"{}", "0:sensor_id: the sensor is missing\n0:value: the value is missing"},
      // Members.
      {with(R"("sensor_id":"4","value":1,"value":2)"), "0:value: the member stands there twice"},
      {with(R"("sensor_id":"4","value":1,"valu\u0065":2)"), "0:value: the member stands there twice"},
      {with(R"("sensor_id":"4","sensor_id":"5","value":1)"), "0:sensor_id: the member stands there twice"},
      {with(R"("sensor_id":"4","timestamp":1,"value":1,"timestamp":2)"), "0:timestamp: the member stands there twice"},
      {with(R"("sensor_id":"4","value":1,"x":nul)"), json},
      {with(R"("sensor_id":"4","value":1,"x":[1,01])"), json},
      {with(R"("sensor_id":"4","value":1,"x":{"a":"\x"})"), json},
      {with(R"("sensor_id":"4","value":1,"x":[1 2])"), json},
      {with(R"("sensor_id":"4","value":1,"x":[1}})"), json},
      {with(R"("sensor_id":"4","value":1,"x":)"), json},
      {with(R"("sensor_id":"4","value":1,"x")"), json},
      {with(R"("sensor_id":"4","value":1,"\ud800":1)"), json},
      {with(R"("sensor_id":"4","value":1,"x":[[[[1]]]])"), "0:: nested deeper than 3 levels"},
      // The sensor.
      {with(R"("value":1)"), "0:sensor_id: the sensor is missing"},
      {with(R"("sensor_id":null,"value":1)"), "0:sensor_id: a sensor id is a string"},
      {with(R"("sensor_id":true,"value":1)"), "0:sensor_id: a sensor id is a string"},
      {with(R"("sensor_id":{},"value":1)"), "0:sensor_id: a sensor id is a string"},
      {with(R"("sensor_id":["4"],"value":1)"), "0:sensor_id: a sensor id is a string"},
      {with(R"("sensor_id":4.5,"value":1)"), "is no sensor id"},
      {with(R"("sensor_id":4.0,"value":1)"), "is no sensor id"},
      {with(R"("sensor_id":4e0,"value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"04","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"+4","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"4 ","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":" 4","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"4\u0000","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"four","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"36893488147419103236","value":1)"), "is no sensor id"},
      {with(R"("sensor_id":36893488147419103236,"value":1)"), "is no sensor id"},
      {with(R"("sensor_id":"-4","value":1)"), "device 3 has no sensor -4"},
      {with(R"("sensor_id":0,"value":1)"), "device 3 has no sensor 0"},
      {with(R"("sensor_id":"99","value":1)"), "device 3 has no sensor 99"},
      {with(R"("sensor_id":"100","value":1)"), "device 3 has no sensor 100"},
      {with(R"("sensor_id":04,"value":1)"), json},
      // The time.
      {with(R"("sensor_id":"4","value":1,"timestamp":null)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":true)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":{})"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":[1])"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":-1)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":-0.5)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":1e300)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":1e999)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":9223372036854775808)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":9223372037)"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"yesterday")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"1526717967")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"1969-12-31T23:59:59Z")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"1970-01-01T00:30:00+01:00")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"2262-04-11T23:47:17Z")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":"2018-05-19T08:19:27")"), time},
      {with(R"("sensor_id":"4","value":1,"timestamp":01)"), json},
      {with(R"("sensor_id":"4","value":1,"timestamp":1.)"), json},
      {with(R"("sensor_id":"4","value":1,"timestamp":+1)"), json},
      // The value.
      {with(R"("sensor_id":"4")"), "0:value: the value is missing"},
      {with(R"("sensor_id":"4","value":null)"), "0:value: the value is null"},
      {with(R"("sensor_id":"4","value":nulL)"), json},
      {with(R"("sensor_id":"4","value":truE)"), json},
      {value(MappingType::double_precision, "NaN"), json},
      {value(MappingType::double_precision, "Infinity"), json},
      {value(MappingType::double_precision, "-Infinity"), json},
      {value(MappingType::double_precision, "0x10"), json},
      {value(MappingType::double_precision, "+1"), json},
      {value(MappingType::double_precision, ".5"), json},
      {value(MappingType::double_precision, "1."), json},
      {value(MappingType::double_precision, "007"), json},
      {value(MappingType::double_precision, "-01"), json},
      {value(MappingType::double_precision, "1e"), json},
      {value(MappingType::double_precision, "1e+"), json},
      {value(MappingType::double_precision, "-"), json},
      {value(MappingType::double_precision, "--1"), json},
      {value(MappingType::double_precision, "1..2"), json},
      {value(MappingType::double_precision, "1e1.5"), json},
      {value(MappingType::double_precision, "1 2"), json},
      {value(MappingType::double_precision, "1\"x\""), json},
      {value(MappingType::double_precision, "1e400"), "0:value: "},
      {value(MappingType::double_precision, "-1e400"), "0:value: "},
      {value(MappingType::double_precision, "\"1e400\""), "0:value: "},
      {value(MappingType::double_precision, "\"NaN\""), "0:value: "},
      {value(MappingType::double_precision, "\"\""), "0:value: "},
      {value(MappingType::double_precision, "\"abc\""), "0:value: "},
      {value(MappingType::double_precision, "\"1x\""), "0:value: "},
      {value(MappingType::double_precision, "true"), "0:value: "},
      {value(MappingType::double_precision, "{}"), "0:value: "},
      {value(MappingType::double_precision, "[1]"), "0:value: "},
      {value(MappingType::single_precision, "1e39"), "0:value: "},
      {value(MappingType::long_integer, "9223372036854775808"), "0:value: "},
      {value(MappingType::long_integer, "-9223372036854775809"), "0:value: "},
      {value(MappingType::integer, "2147483648"), "0:value: "},
      {value(MappingType::short_integer, "32768"), "0:value: "},
      {value(MappingType::byte_integer, "-129"), "0:value: "},
      {value(MappingType::boolean, "1"), "0:value: "},
      {value(MappingType::boolean, "\"yes\""), "0:value: "},
      {value(MappingType::keyword, "{}"), "0:value: "},
      {value(MappingType::keyword, "[\"a\"]"), "0:value: "},
      {value(MappingType::keyword, "\"12345678901234567890123456789012345678901\""), "0:value: longer than 40 bytes"},
      {value(MappingType::text, "\"a\nb\""), json},
      {value(MappingType::text,
             "\"a\x01"
             "b\""),
       json},
      {value(MappingType::text, R"("a\xb")"), json},
      {value(MappingType::text, R"("\u12")"), json},
      {value(MappingType::text, R"("\ud800")"), json},
      {value(MappingType::text, R"("\udc00\ud800")"), json},
      {value(MappingType::text, "\"abc"), json},
      {value(MappingType::date, "\"yesterday\""), "0:value: "},
      {value(MappingType::geo_point, "{\"lat\":91,\"lon\":0}"), "0:value: "},
      {value(MappingType::object, "1"), "0:value: "},
      {value(MappingType::object, "\"x\""), "0:value: "},
      {value(MappingType::object, R"({"a":1,"a":2})"), "0:value: an object in it has two members of one name"},
      {value(MappingType::object, R"({"a":1,"\u0061":2})"), "0:value: an object in it has two members of one name"},
      {value(MappingType::object, R"({"a":{"b":1e400}})"), "0:value: a number in it is out of range"},
      {value(MappingType::object, R"({"a":{"b":{"c":{}}}})"), "0:value: nested deeper than 3 levels"},
      {value(MappingType::object, R"({"a":nul})"), json},
      {value(MappingType::object, R"({"a":1,})"), json},
      {value(MappingType::object, R"({"a" 1})"), json},
      {value(MappingType::object, R"({"a":[1,]})"), json},
      {value(MappingType::object, R"({a:1})"), json},
      {value(MappingType::object, R"({"long":"1234567890123456789012345678901234"})"), "0:value: longer than 40 bytes"},
  };
  EXPECT_GE(cases.size(), 100u);
  for (const Case& test : cases) {
    const std::string faults = seen(test.text);
    EXPECT_NE(faults.find(test.fault), std::string::npos)
        << test.text << "\n  gave: " << faults << "  wanted: " << test.fault;
  }
}

TEST_F(DecoderTest, NamesEachFaultByItsIndex) {
  const std::string good = reading(MappingType::double_precision, "1");
  const std::string bad = reading(MappingType::double_precision, "\"abc\"");
  const std::string unknown = R"({"sensor_id":"99","timestamp":-1,"value":1})";
  const auto faults = decode("[" + good + "," + bad + "," + good + "," + unknown + "]");
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].index, 1u);
  EXPECT_EQ(faults[0].field, "value");
  EXPECT_EQ(faults[1].index, 3u);
  EXPECT_EQ(faults[1].field, "sensor_id");
  EXPECT_EQ(faults[2].index, 3u);
  EXPECT_EQ(faults[2].field, "timestamp");
}

TEST_F(DecoderTest, CountsFaultsPastTheLimit) {
  const std::string bad = reading(MappingType::double_precision, "\"abc\"");
  EXPECT_EQ(decode("[" + bad + "," + bad + "," + bad + "]").size(), 3u);
  const auto faults = decode("[" + bad + "," + bad + "," + bad + "," + bad + "," + bad + "]");
  ASSERT_EQ(faults.size(), 4u);
  EXPECT_EQ(faults[3].message, "and 2 further faults");
}

TEST_F(DecoderTest, LimitsTheReadingsOfAMessage) {
  const auto array = [](std::size_t readings) {
    std::string text = "[";
    for (std::size_t i = 0; i < readings; ++i) text += (i > 0 ? "," : "") + reading(MappingType::double_precision, "1");
    return text + "]";
  };
  EXPECT_TRUE(decode(array(4)).empty());
  EXPECT_TRUE(decode(array(5)).empty());
  EXPECT_EQ(batch_.size(), 5u);
  const auto faults = decode(array(6));
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].kind, Fault::Kind::too_many);
}

TEST_F(DecoderTest, LimitsTheTextOfAValue) {
  for (const std::size_t bytes : {39u, 40u, 41u}) {
    const std::string text = reading(MappingType::keyword, '"' + std::string(bytes, 'x') + '"');
    EXPECT_EQ(decode(text).empty(), bytes <= 40) << bytes;
  }
}

TEST_F(DecoderTest, LimitsTheDepthOfAnObject) {
  EXPECT_TRUE(decode(reading(MappingType::object, R"({"a":{"b":[]}})")).empty());
  EXPECT_FALSE(decode(reading(MappingType::object, R"({"a":{"b":[[]]}})")).empty());
  // Nothing here recurses as deep as a sender may nest.
  const std::string deep(100'000, '[');
  EXPECT_FALSE(decode(deep).empty());
  EXPECT_FALSE(decode(deep + std::string(100'000, ']')).empty());
  EXPECT_FALSE(decode(reading(MappingType::object, "{\"a\":" + deep + std::string(100'000, ']') + "}")).empty());
}

TEST_F(DecoderTest, AnotherDevicesSensorIsUnknownEvenWhenItsOwnWasSeen) {
  const std::string text = reading(MappingType::double_precision, "1");
  EXPECT_TRUE(decode(text).empty());
  EXPECT_FALSE(decode(text, testing::other_device).empty());
  EXPECT_TRUE(decode(text).empty());
  // A sensor that is gone from the next snapshot is gone at once.
  snapshot_.sensors.erase(SensorId{4});
  EXPECT_FALSE(decode(text).empty());
}

TEST_F(DecoderTest, ABatchIsFilledAnew) {
  const std::string text = reading(MappingType::keyword, "\"abc\"");
  EXPECT_TRUE(decode(text).empty());
  EXPECT_TRUE(decode(text).empty());
  EXPECT_EQ(batch_.size(), 1u);
  EXPECT_EQ(batch_.text(0), "abc");
}

TEST(FaultsJson, IsWhatSendersAreTold) {
  std::string out;
  append_faults_json(out, {{17, "value", "value \"abc\" does not fit", {}}, {0, "", "and 2 further faults", {}}});
  EXPECT_EQ(
      out, R"({"name":"ReadingsRefused","errors":[{"index":17,"field":"value","message":"value \"abc\" does not fit"},)"
           R"({"index":0,"message":"and 2 further faults"}]})");
}

}  // namespace
}  // namespace iot::ingest
