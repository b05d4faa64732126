"""What a data scientist does with rows: pandas, pyarrow and polars. Run by test_rows.py in the virtual environment.

    rows_client.py compare EXPECTED      every row of the answers against what was sent
    rows_client.py measure URL TOKEN     rows and seconds of each form, as JSON

EXPECTED is a JSON file: {"url", "token", "mapping", "unit", "device", "sensor", "rows": [[nanoseconds, value], ...]}.
"""

import io
import json
import sys
import time
import urllib.request

import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.ipc

ARROW = "application/vnd.apache.arrow.stream"
TYPES = {"double": pyarrow.float64(), "float": pyarrow.float32(), "long": pyarrow.int64(), "integer": pyarrow.int32(),
         "short": pyarrow.int16(), "byte": pyarrow.int8(), "boolean": pyarrow.bool_(), "keyword": pyarrow.utf8(),
         "text": pyarrow.utf8(), "object": pyarrow.utf8(), "date": pyarrow.timestamp("ns", "UTC"),
         "geo_point": pyarrow.struct([pyarrow.field("lat", pyarrow.float64(), nullable=False),
                                      pyarrow.field("lon", pyarrow.float64(), nullable=False)])}


def ask(url, token, accept):
    return urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": f"Bearer {token}", "Accept": accept}))


def plain(mapping, value):
    """A value of a column as the JSON that was sent, or as nanoseconds."""
    if mapping in ("object", "geo_point") and isinstance(value, str):
        return json.loads(value)
    if mapping == "date":
        return pandas.Timestamp(value).value
    if mapping == "float":
        return float(pandas.Series([value], dtype="float32")[0])
    return value


def expect(rows, expected, what):
    assert len(rows) == len(expected), (what, len(rows), len(expected))
    for got, wanted in zip(rows, expected):
        assert got == wanted and type(got[1]) is type(wanted[1]), (what, got, wanted)


def compare(given):
    mapping = given["mapping"]
    wanted = [(ns, plain(mapping, value)) for ns, value in given["rows"]]

    def read(accept):
        return ask(given["url"], given["token"], accept).read()

    # pyarrow, and pandas from it
    with pyarrow.ipc.open_stream(ask(given["url"], given["token"], ARROW)) as reader:
        table = reader.read_all()
    assert table.schema.names == ["timestamp", "device_id", "sensor_id", "value"], table.schema
    assert table.schema.field("timestamp").type == pyarrow.timestamp("ns", "UTC")
    assert table.schema.field("value").type == TYPES[mapping], table.schema
    assert table.schema.metadata[b"unit"].decode() == given["unit"]
    assert table.schema.metadata[b"sensor_id"].decode() == given["sensor"]
    table.validate(full=True)
    assert set(table["device_id"].to_pylist()) <= {given["device"]} and set(table["sensor_id"].to_pylist()) <= {given["sensor"]}
    times = table["timestamp"].cast(pyarrow.int64()).to_pylist()
    values = table["value"]
    values = values.cast(pyarrow.int64()).to_pylist() if mapping == "date" else [plain(mapping, v) for v in values.to_pylist()]
    expect(list(zip(times, values)), wanted, "pyarrow")
    frame = table.to_pandas()
    assert [t.value for t in frame["timestamp"]] == [ns for ns, _ in wanted]

    # polars, both forms
    frame = polars.read_ipc_stream(io.BytesIO(read(ARROW)))
    values = frame["value"]
    values = values.cast(polars.Int64).to_list() if mapping == "date" else [plain(mapping, v) for v in values.to_list()]
    expect(list(zip(frame["timestamp"].cast(polars.Int64).to_list(), values)), wanted, "polars arrow")
    assert set(frame["sensor_id"].cast(polars.String).to_list()) <= {given["sensor"]}

    # a keyword "7" or "" is a text and stays one
    text = read("text/csv")
    kinds = {"double": polars.Float64, "float": polars.Float32, "boolean": polars.Boolean, "long": polars.Int64, "integer": polars.Int32,
             "short": polars.Int16, "byte": polars.Int8}
    frame = polars.read_csv(io.BytesIO(text), empty_string_is_null=False,
                            schema_overrides={"timestamp": polars.String, "value": kinds.get(mapping, polars.String)})
    rows = [(pandas.Timestamp(t).value, plain(mapping, v)) for t, v in zip(frame["timestamp"].to_list(), frame["value"].to_list())]
    expect(rows, wanted, "polars csv")

    is_text = mapping in ("keyword", "text", "object", "geo_point", "date")
    dtype = {"device_id": str, "sensor_id": str, "value": str if is_text else
             {"double": "float64", "float": "float32", "boolean": "bool"}.get(mapping, "int64")}
    frame = pandas.read_csv(io.BytesIO(text), dtype=dtype, keep_default_na=False, na_filter=False, float_precision="round_trip")
    assert list(frame.columns) == ["timestamp", "device_id", "sensor_id", "value"]
    rows = [(pandas.Timestamp(t).value, plain(mapping, v)) for t, v in zip(frame["timestamp"], frame["value"].tolist())]
    expect(rows, wanted, "pandas csv")


def measure(url, token):
    found = {}
    for name, accept, read in [
            ("arrow, pyarrow", ARROW, lambda stream: pyarrow.ipc.open_stream(stream).read_all()),
            ("arrow, polars", ARROW, lambda stream: polars.read_ipc_stream(io.BytesIO(stream.read()))),
            ("csv, pandas", "text/csv", lambda stream: pandas.read_csv(stream)),
            ("csv, polars", "text/csv", lambda stream: polars.read_csv(io.BytesIO(stream.read())))]:
        begin = time.monotonic()
        table = read(ask(url, token, accept))
        found[name] = {"rows": len(table), "seconds": time.monotonic() - begin,
                       "sum": float(table["value"].sum() if hasattr(table["value"], "sum") else
                                    pyarrow.compute.sum(table["value"]).as_py())}
    print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        with open(sys.argv[2]) as file:
            for case in json.load(file):
                try:
                    compare(case)
                except BaseException:
                    print(case["mapping"], case["url"], file=sys.stderr)
                    raise
    else:
        measure(*sys.argv[2:])
