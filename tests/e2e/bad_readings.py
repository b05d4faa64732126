"""Messages that the gateway must refuse whole: (what is wrong, body, status, what the answer must name).

$name stands for the id of the sensor of that mapping, $other for a sensor of somebody else's device. The status is a number
or several, where the contract leaves it open; what the answer must name is a regular expression, any case.
"""

import json

INT64_MAX = 9_223_372_036_854_775_807


def value(mapping, text):
    """A message with a value that is good but for its mapping."""
    return f'{{"sensor_id":"${mapping}","timestamp":1526717967,"value":{text}}}'


def at(timestamp):
    return f'{{"sensor_id":"$double","timestamp":{timestamp},"value":1}}'


def of(sensor):
    return f'{{"sensor_id":{sensor},"timestamp":1526717967,"value":1}}'


GOOD = value("double", "1")

JSON_FAULTS = [
    ("nothing at all", "", 400, "json|empty|body"),
    ("only blanks", " \n\t ", 400, "json|empty|body"),
    ("a word", "hello", 400, "json"),
    ("a number", "42", 400, "object|reading"),
    ("a string", '"x"', 400, "object|reading"),
    ("null", "null", 400, "object|reading"),
    ("true", "true", 400, "object|reading"),
    ("an object without members", "{}", 400, "sensor_id"),
    ("an array of numbers", "[1, 2]", 400, "object|reading"),
    ("an array in an array", f"[[{GOOD}]]", 400, "object|reading"),
    ("null in an array", f"[{GOOD}, null]", 400, "object|reading"),
    ("an object that is not closed", GOOD[:-1], 400, "json"),
    ("an array that is not closed", f"[{GOOD}", 400, "json"),
    ("a string that is not closed", '{"sensor_id":"$double","value":"1', 400, "json"),
    ("a comma at the end of an array", f"[{GOOD},]", 400, "json"),
    ("a comma at the end of an object", GOOD[:-1] + ",}", 400, "json"),
    ("two commas", f"[{GOOD},,{GOOD}]", 400, "json"),
    ("no comma", f"[{GOOD} {GOOD}]", 400, "json"),
    ("two objects", GOOD + GOOD, 400, "json"),
    ("two objects on two lines", f"{GOOD}\n{GOOD}", 400, "json"),
    ("something after the object", GOOD + "x", 400, "json"),
    ("a bracket after the object", GOOD + "]", 400, "json"),
    ("a NUL after the object", GOOD + "\0", 400, "json"),
    ("single quotes", "{'sensor_id':'$double','value':1}", 400, "json"),
    ("names without quotes", "{sensor_id:$double,value:1}", 400, "json"),
    ("a comment", "/* hello */" + GOOD, 400, "json"),
    ("a colon missing", '{"sensor_id" "$double","value":1}', 400, "json"),
    ("NaN", value("double", "NaN"), 400, "json|value"),
    ("Infinity", value("double", "Infinity"), 400, "json|value"),
    ("-Infinity", value("double", "-Infinity"), 400, "json|value"),
    ("a hexadecimal number", value("double", "0x10"), 400, "json|value"),
    ("a number with a plus", value("double", "+1"), 400, "json|value"),
    ("a number that begins with a point", value("double", ".5"), 400, "json|value"),
    ("a number that ends with a point", value("double", "1."), 400, "json|value"),
    ("a number that begins with zeros", value("double", "007"), 400, "json|value"),
    ("an exponent without digits", value("double", "1e"), 400, "json|value"),
    ("only a minus", value("double", "-"), 400, "json|value"),
    ("a word as value", value("double", "nul"), 400, "json|value"),
    ("a line break in a string", value("text", '"a\nb"'), 400, "json|value"),
    ("a control character in a string", value("text", '"a\x01b"'), 400, "json|value"),
    ("an escape that does not exist", value("text", r'"a\xb"'), 400, "json|value"),
    ("half an escape", value("text", r'"\u12"'), 400, "json|value"),
    ("half a surrogate pair", value("text", r'"\ud800"'), 400, "json|value|utf"),
    ("a surrogate pair the wrong way round", value("text", r'"\udc00\ud800"'), 400, "json|value|utf"),
    ("bad UTF-8", value("text", '"').encode()[:-1] + b'\xff"}', 400, "utf-?8|json"),
    ("UTF-8 cut short", value("text", '"').encode()[:-1] + b'\xe2\x82"}', 400, "utf-?8|json"),
    ("UTF-8 that is too long", value("text", '"').encode()[:-1] + b'\xc0\xaf"}', 400, "utf-?8|json"),
    ("a surrogate in UTF-8", value("text", '"').encode()[:-1] + b'\xed\xa0\x80"}', 400, "utf-?8|json"),
    ("beyond Unicode", value("text", '"').encode()[:-1] + b'\xf5\x80\x80\x80"}', 400, "utf-?8|json"),
    ("bad UTF-8 in a name", b'{"sensor_id":"$double","value":1,"\xff":1}', 400, "utf-?8|json"),
    ("UTF-16", GOOD.encode("utf-16-le"), 400, "json|utf"),
    ("arrays nested 100,000 deep", "[" * 100_000 + "]" * 100_000, 400, "deep|depth|nest|json|object|reading"),
    ("arrays opened 100,000 times", "[" * 100_000, 400, "deep|depth|nest|json|object|reading"),
    ("a value nested 5,000 deep", value("object", '{"a":' * 5_000 + "1" + "}" * 5_000), 400, "deep|depth|nest"),
    ("an unknown member nested 5,000 deep", GOOD[:-1] + ',"x":' + "[" * 5_000 + "]" * 5_000 + "}", 400, "deep|depth|nest|unknown|json"),
    ("the value twice", '{"sensor_id":"$double","value":1,"value":2}', 400, "twice|duplicate|repeat|more than once"),
    ("the sensor twice", '{"sensor_id":"$double","sensor_id":"$long","value":1}', 400, "twice|duplicate|repeat|more than once"),
    ("the time twice", '{"sensor_id":"$double","timestamp":1,"value":1,"timestamp":2}', 400, "twice|duplicate|repeat|more than once"),
    ("200,001 readings", f"[{','.join([GOOD] * 200_001)}]", (400, 413), "many|most|large|limit"),
    ("a text of 3 MB", value("keyword", json.dumps("x" * 3_000_000)), (400, 413), "long|large|bytes|value"),
]

SENSOR_FAULTS = [
    ("no sensor", '{"timestamp":1526717967,"value":1}', 400, "sensor_id"),
    ("sensor null", of("null"), 400, "sensor_id"),
    ("sensor true", of("true"), 400, "sensor_id"),
    ("sensor a fraction", of("4.5"), 400, "sensor_id"),
    ("sensor an object", of("{}"), 400, "sensor_id"),
    ("sensor an array", of('["$double"]'), 400, "sensor_id"),
    ("sensor empty", of('""'), 400, "sensor"),
    ("sensor a word", of('"temperature"'), 400, "sensor"),
    ("sensor negative", of('"-1"'), 400, "sensor"),
    ("sensor zero", of("0"), 400, "sensor"),
    ("sensor unknown", of('"987654321"'), 400, "sensor"),
    ("sensor beyond 64 bits", of('"36893488147419103236"'), 400, "sensor"),
    ("sensor beyond 64 bits, as a number", of("36893488147419103236"), 400, "sensor"),
    ("sensor with a blank", of('"$double "'), 400, "sensor"),
    ("sensor with a point", of('"$double.0"'), 400, "sensor"),
    ("sensor with a NUL", of(r'"$double\u0000"'), 400, "sensor"),
    ("a path as sensor", of('"../$double"'), 400, "sensor"),
    ("a sensor of somebody else's device", of('"$other"'), 400, "sensor"),
    ("good readings and one of somebody else's sensor", f'[{GOOD},{of(chr(34) + "$other" + chr(34))}]', 400, "sensor"),
]

TIME_FAULTS = [
    ("time negative", at("-1"), 400, "timestamp"),
    ("time a negative fraction", at("-0.5"), 400, "timestamp"),
    ("time true", at("true"), 400, "timestamp"),
    ("time an object", at("{}"), 400, "timestamp"),
    ("time an array", at("[1526717967]"), 400, "timestamp"),
    ("time a word", at('"yesterday"'), 400, "timestamp"),
    ("time empty", at('""'), 400, "timestamp"),
    ("time beyond 2262 in nanoseconds", at(str(INT64_MAX + 1)), 400, "timestamp"),
    ("time beyond all", at("1e300"), 400, "timestamp"),
    ("time beyond what a number can be", at("1e999"), 400, "timestamp|json"),
    ("time beyond 2262 as text", at('"2262-04-11T23:47:17Z"'), 400, "timestamp"),
    ("time before 1970 as text", at('"1969-12-31T23:59:59Z"'), 400, "timestamp"),
    ("time before 1970 by its zone", at('"1970-01-01T00:30:00+01:00"'), 400, "timestamp"),
    ("time in a thirteenth month", at('"2018-13-01T00:00:00Z"'), 400, "timestamp"),
    ("time on the 30th of February", at('"2018-02-30T00:00:00Z"'), 400, "timestamp"),
    ("time on the 29th of February of no leap year", at('"2019-02-29T00:00:00Z"'), 400, "timestamp"),
    ("time at 25 o'clock", at('"2018-05-19T25:00:00Z"'), 400, "timestamp"),
    ("time in minute 60", at('"2018-05-19T08:60:00Z"'), 400, "timestamp"),
    ("time without a zone", at('"2018-05-19T08:19:27"'), 400, "timestamp"),
    ("time with something behind", at('"2018-05-19T08:19:27Zx"'), 400, "timestamp"),
    ("time as a formula", at('"now-1d"'), 400, "timestamp"),
]


def value_faults():
    """Values that do not fit their mapping, by mapping."""
    table = {
        "double": ['"abc"', '""', '" "', '"1x"', "true", "{}", "[1]", '"NaN"', '"Infinity"', "1e400", "-1e400", '"1e400"', "null"],
        "float": ["3.5e38", "-3.5e38", '"3.5e38"', "1e39", "true", '"x"', "{}"],
        "long": [str(INT64_MAX + 1), str(-INT64_MAX - 2), f'"{INT64_MAX + 1}"', "1e19", '"x"', "true", "{}", "[1]", "1e400"],
        "integer": ["2147483648", "-2147483649", '"2147483648"', "1e10", '"x"', "false"],
        "short": ["32768", "-32769", '"32768"', "1e5", '"x"'],
        "byte": ["128", "-129", '"128"', "1e3", '"x"'],
        "boolean": ['"yes"', '"True"', '"1"', "1", "0", "{}", "[true]"],
        "keyword": ["{}", '["a"]'],
        "text": ["{}", '["a"]'],
        "date": ['"yesterday"', '"2018-13-01"', "true", "{}", '"2018-02-30T00:00:00Z"'],
        "geo_point": ['"north"', '"1"', '{"lat":91,"lon":0}', '{"lat":-91,"lon":0}', '{"lat":0,"lon":181}', '{"lat":1}', '{"lon":1}',
                      "[1]", '{"lat":"x","lon":1}', "true", '"91,0"'],
        "object": ['"text"', "1", "true"],
    }
    return [(f"{mapping} {text}", value(mapping, text), 400, "value|json") for mapping, texts in table.items() for text in texts]


VALUE_FAULTS = [("no value", '{"sensor_id":"$double","timestamp":1526717967}', 400, "value"), *value_faults()]

ALL = JSON_FAULTS + SENSOR_FAULTS + TIME_FAULTS + VALUE_FAULTS
