#include "ingest/bulk.h"

#include <gtest/gtest.h>

#include "base/time_text.h"
#include "ingest/testing/sample_snapshot.h"

namespace iot::ingest {
namespace {

using model::MappingType;
using testing::PaddedText;

constexpr Timestamp arrival{1'600'000'000'000'000'000};
constexpr UserId owner{7};

class BulkTest : public ::testing::Test {
 protected:
  BulkTest() { snapshot_.devices.set(testing::other_device, {.owner = owner}); }

  /// Decodes lines as the device, or as `rights_`.
  std::optional<BulkRefusal> decode(std::string_view lines) {
    payload_ = std::make_unique<PaddedText>(lines);
    return decoder_.decode(*payload_, {.index = index_, .rights = rights_, .snapshot = snapshot_, .arrival = arrival},
                           request_);
  }
  void decode_document(std::string_view document, BulkAction action = BulkAction::index) {
    payload_ = std::make_unique<PaddedText>(document);
    decoder_.decode_document(*payload_, action,
                             {.index = index_, .rights = rights_, .snapshot = snapshot_, .arrival = arrival}, request_);
  }
  std::string refusal_of(std::string_view lines) {
    const auto refused = decode(lines);
    return refused ? refused->reason : "taken";
  }
  /// The one item's fault.
  std::string fault_of(std::string_view document) {
    decode_document(document);
    return fault(0);
  }
  std::string fault(std::size_t item) const {
    const std::uint32_t place = request_.items.at(item).fault;
    return place == BulkItem::none ? "" : request_.faults.at(place).reason;
  }
  BulkFault::Kind kind(std::size_t item) const { return request_.faults.at(request_.items.at(item).fault).kind; }
  const model::ReadingBatch& batch(std::size_t item) const {
    return request_.batches.at(request_.items.at(item).batch).readings;
  }
  double real(std::size_t item) const { return batch(item).real(request_.items.at(item).reading); }
  Timestamp time(std::size_t item) const { return batch(item).time(request_.items.at(item).reading); }

  registry::Snapshot snapshot_ = testing::sample_snapshot();
  WriteRights rights_ = WriteRights::of_device(testing::device);
  std::string index_;
  BulkDecoder decoder_{{.items_max = 5, .line_bytes_max = 200, .text_bytes_max = 50, .depth_max = 4}};
  std::unique_ptr<PaddedText> payload_;
  BulkRequest request_;
};

TEST_F(BulkTest, TakesTheFormsThatShippersSend) {
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\"}}\n{\"timestamp\":1526717967,\"value\":1.5}\n"
                       "{ \"create\" : { \"_index\" : \"3_4\", \"_id\" : \"x\" } }\r\n"
                       "{\"@timestamp\":\"2018-05-19T08:19:27.000Z\",\"value\":\"2.5\",\"host\":{\"name\":\"n\"}}\r\n"
                       "\n"
                       "{\"create\":{\"_index\":\"3_4\",\"_type\":\"_doc\",\"routing\":\"r\",\"_id\":null}}\n"
                       "{\"value\":3,\"tags\":[\"a\",null],\"sensor_id\":\"4\",\"device_id\":3}\n"),
            "taken");
  ASSERT_EQ(request_.items.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(fault(i), "") << i;
  EXPECT_EQ(request_.items[0].action, BulkAction::index);
  EXPECT_EQ(request_.items[1].action, BulkAction::create);
  EXPECT_EQ(request_.items[1].id, "x");
  EXPECT_EQ(request_.items[2].index, "3_4");
  EXPECT_EQ(real(0), 1.5);
  EXPECT_EQ(real(1), 2.5);
  EXPECT_EQ(real(2), 3.0);
  EXPECT_EQ(time(0), time(1));
  EXPECT_EQ(time(2), arrival);
  EXPECT_EQ(request_.batches.size(), 1u);
  EXPECT_EQ(request_.batches[0].readings.device, testing::device);
}

TEST_F(BulkTest, StoresTheGoodAndNamesTheBad) {
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\"}}\n{\"value\":1}\n"
                       "{\"index\":{\"_index\":\"3_4\"}}\n{\"value\":\"warm\"}\n"
                       "{\"index\":{\"_index\":\"5_100\"}}\n{\"value\":1}\n"
                       "{\"delete\":{\"_index\":\"3_4\",\"_id\":\"x\"}}\n"
                       "{\"update\":{\"_index\":\"3_4\",\"_id\":\"x\"}}\n{\"doc\":{\"value\":2}}\n"),
            "taken");
  ASSERT_EQ(request_.items.size(), 5u);
  EXPECT_EQ(fault(0), "");
  EXPECT_EQ(kind(1), BulkFault::Kind::bad_document);
  EXPECT_NE(fault(1).find("[value] of type [double]"), std::string::npos) << fault(1);
  EXPECT_EQ(kind(2), BulkFault::Kind::no_such_index);
  EXPECT_EQ(kind(3), BulkFault::Kind::bad_action);
  EXPECT_EQ(kind(4), BulkFault::Kind::bad_action);
  EXPECT_NE(fault(4).find("[update]"), std::string::npos);
  EXPECT_EQ(batch(0).size(), 1u);
}

TEST_F(BulkTest, AnOwnerWritesToItsDevicesAndAnAdminToAll) {
  const char* const lines =
      "{\"index\":{\"_index\":\"5_100\"}}\n{\"value\":1}\n{\"index\":{\"_index\":\"3_4\"}}\n{\"value\":2}\n";
  rights_ = WriteRights::of_owner(owner);
  EXPECT_EQ(refusal_of(lines), "taken");
  EXPECT_EQ(fault(0), "");
  EXPECT_EQ(kind(1), BulkFault::Kind::no_such_index);
  EXPECT_EQ(request_.batches.size(), 1u);
  rights_ = WriteRights::of_everything();
  EXPECT_EQ(refusal_of(lines), "taken");
  EXPECT_EQ(request_.batches.size(), 2u);
  EXPECT_EQ(batch(0).device, testing::other_device);
  EXPECT_EQ(batch(1).device, testing::device);
  rights_ = WriteRights::of_nothing();
  EXPECT_EQ(refusal_of(lines), "taken");
  EXPECT_EQ(kind(0), BulkFault::Kind::forbidden);
  EXPECT_TRUE(request_.batches.empty());
}

TEST_F(BulkTest, ABatchOfWhichNothingWasGoodIsNotThere) {
  rights_ = WriteRights::of_everything();
  EXPECT_EQ(
      refusal_of(
          "{\"index\":{\"_index\":\"5_100\"}}\n{\"value\":{}}\n{\"index\":{\"_index\":\"3_4\"}}\n{\"value\":2}\n"),
      "taken");
  ASSERT_EQ(request_.batches.size(), 1u);
  EXPECT_EQ(real(1), 2.0);
}

TEST_F(BulkTest, TheIndexOfThePathIsForActionsThatNameNone) {
  index_ = "3_4";
  EXPECT_EQ(refusal_of("{\"index\":{}}\n{\"value\":1}\n{\"index\":{\"_index\":\"3_5\"}}\n{\"value\":2}\n"), "taken");
  EXPECT_EQ(request_.items[0].index, "3_4");
  EXPECT_EQ(request_.items[1].index, "3_5");
}

TEST_F(BulkTest, ARequestWhoseLinesCannotBeToldApartIsRefusedWhole) {
  const std::string good = "{\"index\":{\"_index\":\"3_4\"}}\n{\"value\":1}\n";
  EXPECT_EQ(refusal_of(""), "request body is required");
  EXPECT_EQ(refusal_of("\n \n"), "Validation Failed: 1: no requests added;");
  EXPECT_EQ(refusal_of("{\"index\":{}}\n{\"value\":1}\n"), "Validation Failed: 1: index is missing;");
  EXPECT_EQ(refusal_of(good.substr(0, good.size() - 1)), "The bulk request must be terminated by a newline [\\n]");
  EXPECT_EQ(refusal_of(good + "{\"index\":{\"_index\":\"3_4\"}}\n"),
            "the document of action/metadata line [3] is missing");
  EXPECT_EQ(refusal_of(good + "[]\n{}\n"), "Malformed action/metadata line [3], expected START_OBJECT");
  EXPECT_EQ(refusal_of("{\"index\":[]}\n{}\n"), "Malformed action/metadata line [1], expected START_OBJECT");
  EXPECT_EQ(refusal_of("{}\n{}\n"), "Malformed action/metadata line [1], expected FIELD_NAME but found [END_OBJECT]");
  EXPECT_EQ(
      refusal_of("{\"put\":{}}\n{}\n"),
      "Malformed action/metadata line [1], expected field [create], [delete], [index] or [update] but found [put]");
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\"},\"index\":{}}\n{}\n"),
            "Malformed action/metadata line [1], expected END_OBJECT but found [FIELD_NAME]");
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\",\"color\":1}}\n{}\n"),
            "Action/metadata line [1] contains an unknown parameter [color]");
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":[\"3_4\"]}}\n{}\n"),
            "Malformed action/metadata line [1], expected a simple value for field [_index]");
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\",\"_index\":\"3_5\"}}\n{}\n"),
            "Malformed action/metadata line [1], Duplicate field '_index'");
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\",}}\n{}\n"),
            "Malformed action/metadata line [1], it is not well-formed JSON");
  EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\"}} {}\n{}\n"),
            "Malformed action/metadata line [1], something stands behind the end of the JSON text");
}

TEST_F(BulkTest, WhatAReadingCannotDoIsRefusedForItsItem) {
  for (const char* what :
       {"\"_type\":\"logs\"", "\"version\":3", "\"if_seq_no\":1", "\"pipeline\":\"p\"", "\"require_alias\":true"}) {
    EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\"," + std::string(what) + "}}\n{\"value\":1}\n"), "taken");
    EXPECT_EQ(kind(0), BulkFault::Kind::bad_action) << what;
  }
  for (const char* what : {"\"_type\":null", "\"pipeline\":\"_none\"", "\"require_alias\":false"}) {
    EXPECT_EQ(refusal_of("{\"index\":{\"_index\":\"3_4\"," + std::string(what) + "}}\n{\"value\":1}\n"), "taken");
    EXPECT_EQ(fault(0), "") << what;
  }
}

TEST_F(BulkTest, NamesWithEscapesAreRead) {
  EXPECT_EQ(refusal_of(R"({"\u0069ndex":{"_index":"3\u005f4","_id":"\u00e9\n"}})"
                       "\n"
                       R"({"\u0076alue":5})"
                       "\n"),
            "taken");
  EXPECT_EQ(fault(0), "");
  EXPECT_EQ(request_.items[0].index, "3_4");
  EXPECT_EQ(request_.items[0].id, "\u00e9\n");
  EXPECT_EQ(real(0), 5.0);
}

TEST_F(BulkTest, OnlyTheOneNameOfAnIndexIsIt) {
  for (const char* index : {"3", "3_", "_4", "03_4", "3_04", "3_4_", "3_4 ", "4_4", "3_999", "3__4", "logs-generic"}) {
    index_ = index;
    decode_document("{\"value\":1}");
    EXPECT_EQ(kind(0), BulkFault::Kind::no_such_index) << index;
  }
}

TEST_F(BulkTest, SaysWhatIsWrongWithADocument) {
  index_ = "3_4";
  const auto contains = [&](std::string_view document, std::string_view text) {
    const std::string told = fault_of(document);
    EXPECT_NE(told.find(text), std::string::npos) << document << ": " << told;
  };
  contains("", "not well-formed");
  contains("{\"value\":1", "not well-formed");
  contains("{\"value\":1,}", "not well-formed");
  contains("{\"value\":1}{", "well-formed");
  contains("{\"value\":1} {}", "behind the end");
  contains("[1]", "a document is an object");
  contains("{\"value\":\"\xFF\"}", "not UTF-8");
  contains("{\"value\":1,\"value\":2}", "Duplicate field 'value'");
  contains("{\"value\":null}", "the value is null");
  contains("{}", "the value is missing");
  contains("{\"message\":\"hello\"}", "the value is missing");
  contains("{\"value\":1,\"sensor_id\":\"5\"}", "[sensor_id] of type [keyword]: the index's is [4]");
  contains("{\"value\":1,\"device_id\":4}", "[device_id]");
  contains("{\"value\":1,\"device_id\":{}}", "[device_id]");
  contains("{\"value\":1,\"timestamp\":\"noon\"}", "[timestamp] of type [date_nanos]");
  contains("{\"value\":1,\"@timestamp\":null}", "[@timestamp]");
  contains("{\"value\":1,\"timestamp\":-1}", "[timestamp]");
  contains("{\"value\":1,\"x\":[[[[[1]]]]]}", "nested deeper than 4 levels");
  contains("{\"value\":1,\"x\":\"" + std::string(200, 'x') + "\"}", "longer than 200 bytes");
  index_ = model::index_name(testing::device, testing::sensor_of(MappingType::keyword));
  contains("{\"value\":\"" + std::string(51, 'x') + "\"}", "longer than 50 bytes");
  EXPECT_EQ(fault_of("{\"value\":\"" + std::string(50, 'x') + "\"}"), "");
}

TEST_F(BulkTest, HoldsItsLimits) {
  const std::string one = "{\"index\":{\"_index\":\"3_4\"}}\n{\"value\":1}\n";
  std::string five;
  for (int i = 0; i < 5; ++i) five += one;
  EXPECT_EQ(refusal_of(five), "taken");
  EXPECT_EQ(refusal_of(five + one), "at most 5 actions go in one request");
  const auto with_id = [&](std::size_t bytes) {
    return "{\"index\":{\"_index\":\"3_4\",\"_id\":\"" + std::string(bytes, 'i') + "\"}}\n{\"value\":1}\n";
  };
  EXPECT_NE(refusal_of(with_id(200)).find("is longer than 200 bytes"), std::string::npos);
  BulkDecoder roomy({});
  for (const std::size_t bytes : {512, 513}) {
    const PaddedText lines(with_id(bytes));
    EXPECT_FALSE(roomy.decode(lines, {"", rights_, snapshot_, arrival}, request_));
    EXPECT_EQ(fault(0).empty(), bytes == 512) << fault(0);
  }
}

TEST_F(BulkTest, TheReadingsOwnTimeCountsBeforeTheShippers) {
  index_ = "3_4";
  decode_document("{\"@timestamp\":\"2020-01-01T00:00:00Z\",\"timestamp\":1526717967000,\"value\":1}");
  EXPECT_EQ(time(0), Timestamp{1'526'717'967'000'000'000});
}

TEST(DocumentTime, IsReadInElasticsearchsForms) {
  const Timestamp expected = *parse_rfc3339("2018-05-19T08:19:27.5Z");
  for (const char* text : {"2018-05-19T08:19:27.5Z", "2018-05-19T08:19:27.500", "2018-05-19T10:19:27.5+02:00",
                           "2018-05-19T10:19:27.5+0200", "2018-05-19T10:19:27.5+02", "1526717967500"}) {
    EXPECT_EQ(parse_document_time(text), expected) << text;
  }
  EXPECT_EQ(parse_document_time("2018-05-19"), parse_rfc3339("2018-05-19T00:00:00Z"));
  EXPECT_EQ(parse_document_time("2018-05"), parse_rfc3339("2018-05-01T00:00:00Z"));
  EXPECT_EQ(parse_document_time("2018"), parse_rfc3339("2018-01-01T00:00:00Z"));
  for (const char* text : {"", "noon", "123", "12345", "2018-5-19", "2018-05-19T", "1969-12-31",
                           "2018-05-19T08:19:27Z+02:00", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_document_time(text)) << text;
  }
}

}  // namespace
}  // namespace iot::ingest
