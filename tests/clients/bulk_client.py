"""A shipper and a consumer that use an official Python client: `elasticsearch` of any version, or `opensearch-py`.

    bulk_client.py MODULE URL TOKEN INDEX STEP

The steps build on each other: writes (helpers bulk, streaming_bulk, parallel_bulk, and single documents), reads, scan.
"""

import datetime
import importlib
import sys

START = datetime.datetime(2018, 5, 19, 8, 19, 27, tzinfo=datetime.timezone.utc)
# What the helpers write, each a part, and then two single documents.
HELPED, READINGS = 600, 602


def connect(module, url, token):
    if module.__name__ == "opensearchpy":
        return module.OpenSearch(url, headers={"Authorization": f"Bearer {token}"})
    if module.__version__[0] == 7:
        return module.Elasticsearch(url, headers={"authorization": f"Bearer {token}"})
    return module.Elasticsearch(url, bearer_auth=token)


def actions(index, begin, end, op_type="index"):
    for number in range(begin, end):
        yield {"_op_type": op_type, "_index": index, "@timestamp": START + datetime.timedelta(seconds=number),
               "value": number, "host": {"name": "plant-7"}, "tags": ["a", "b"]}


def writes(module, helpers, client, index):
    assert helpers.bulk(client, actions(index, 0, 200), refresh="wait_for") == (200, [])
    for ok, item in helpers.streaming_bulk(client, actions(index, 200, 400, "create"), chunk_size=50):
        assert ok and item["create"]["status"] == 201, item
    written = list(helpers.parallel_bulk(client, actions(index, 400, HELPED), thread_count=3, chunk_size=20))
    assert len(written) == HELPED - 400 and all(ok for ok, _ in written)

    # The good ones of a request are stored, and who is bad is told.
    mixed = [*actions(index, 0, 1), {"_index": index, "value": "warm"}, {"_index": "9_999999", "value": 1}]
    done, failed = helpers.bulk(client, mixed, raise_on_error=False)
    assert done == 1, (done, failed)
    assert [item["index"]["status"] for item in failed] == [400, 404], failed
    try:
        helpers.bulk(client, mixed)
        raise AssertionError("the bad documents were taken")
    except helpers.BulkIndexError as error:
        assert len(error.errors) == 2, error.errors

    document = {"timestamp": (START + datetime.timedelta(seconds=HELPED)).isoformat(), "value": HELPED}
    answer = client.index(index=index, body=document)
    assert answer["result"] == "created" and len(answer["_id"]) == 20, answer
    document["timestamp"] = START + datetime.timedelta(seconds=HELPED + 1)
    document["value"] += 1
    assert client.create(index=index, id="mine", body=document)["_index"] == index


def reads(module, helpers, client, index):
    assert client.info()["version"]["number"].split(".")[0] in "789"
    assert client.ping()
    assert client.count(index=index)["count"] == READINGS
    answer = client.search(index=index, body={"size": 1_000, "sort": [{"timestamp": "asc"}], "track_total_hits": True})
    hits = answer["hits"]["hits"]
    assert answer["hits"]["total"]["value"] == READINGS
    assert [hit["_source"]["value"] for hit in hits] == list(range(READINGS))
    several = client.msearch(body=[{"index": index}, {"size": 0, "query": {"range": {"value": {"gte": 100}}}},
                                   {"index": index}, {"size": 0, "aggs": {"top": {"max": {"field": "value"}}}}])
    assert several["responses"][0]["hits"]["total"]["value"] == READINGS - 100
    assert several["responses"][1]["aggregations"]["top"]["value"] == READINGS - 1
    assert client.indices.exists(index=index)
    assert client.indices.get_mapping(index=index)[index]["mappings"]["properties"]["value"]["type"] == "double"
    assert client.cluster.health()["status"] == "green"
    data_frame(hits)


def data_frame(hits):
    """As analysts do: one row a hit, with the time as index."""
    import pandas

    frame = pandas.DataFrame([hit["_source"] for hit in hits])
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"])
    frame = frame.set_index("timestamp")
    assert frame.index.is_monotonic_increasing and str(frame["value"].dtype) == "float64"
    assert frame["value"].resample("60s").count().sum() == READINGS


def scan(module, helpers, client, index):
    found = list(helpers.scan(client, index=index, query={"query": {"range": {"value": {"gte": 2}}}}, size=100,
                              preserve_order=True))
    assert sorted(hit["_source"]["value"] for hit in found) == list(range(2, READINGS))


def dsl(module, helpers, client, index):
    from elasticsearch_dsl import Q, Search

    search = Search(using=client, index=index).filter("range", value={"gte": 10, "lt": 20}).sort("-timestamp")
    search.aggs.bucket("minutes", "date_histogram", field="timestamp", fixed_interval="1m").metric("mean", "avg", field="value")
    answer = search.execute()
    assert [hit.value for hit in answer] == list(range(19, 9, -1))
    assert sum(bucket.doc_count for bucket in answer.aggregations.minutes.buckets) == 10
    assert search.query(Q("term", value=12)).count() == 1


def main(name, url, token, index, step):
    module = importlib.import_module(name)
    helpers = importlib.import_module(f"{name}.helpers")
    globals()[step](module, helpers, connect(module, url, token), index)


if __name__ == "__main__":
    main(*sys.argv[1:])
