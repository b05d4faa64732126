"""What a consumer does with Elasticsearch's official Python client. Run by test_queries.py in the virtual environment.

    official_client.py URL TOKEN INDEX
"""

import sys

from elasticsearch import AuthorizationException, BadRequestError, Elasticsearch, NotFoundError, helpers


def refused(call, error):
    try:
        call()
    except error:
        return True
    return False


def main(url, token, index):
    client = Elasticsearch(url, bearer_auth=token)
    assert client.info()["version"]["number"].startswith("8.")
    assert client.ping()
    assert client.count(index=index)["count"] == 2_500
    first = client.search(index=index, size=1, sort=[{"timestamp": "asc"}])["hits"]["hits"][0]
    print(first["_source"]["timestamp"])
    answer = client.search(index=index, size=0, aggs={"a": {"date_histogram": {"field": "timestamp", "fixed_interval": "1m"},
                                                            "aggs": {"m": {"avg": {"field": "value"}}}}})
    assert sum(bucket["doc_count"] for bucket in answer["aggregations"]["a"]["buckets"]) == 2_500
    values, after = [], None
    while hits := client.search(index=index, size=1_000, sort=[{"timestamp": "asc"}, {"value": "asc"}],
                                search_after=after)["hits"]["hits"]:
        values += [hit["_source"]["value"] for hit in hits]
        after = hits[-1]["sort"]
    assert values == list(range(2_500))
    assert client.indices.get_mapping(index=index)[index]["mappings"]["properties"]["value"]["type"] == "double"
    assert client.cluster.health()["status"] in ("green", "yellow")
    assert [hit["_source"]["value"] for hit in helpers.scan(client, index=index, size=1_000)] == list(range(2_500))
    point = client.open_point_in_time(index=index, keep_alive="1m")["id"]
    values, after = [], None
    while hits := client.search(size=1_000, pit={"id": point}, sort=[{"timestamp": "desc"}], search_after=after)["hits"]["hits"]:
        values += [hit["_source"]["value"] for hit in hits]
        after = hits[-1]["sort"]
    assert values == list(reversed(range(2_500))) and client.close_point_in_time(id=point)["num_freed"] == 1
    hit = client.search(index=index, q="value:7")["hits"]["hits"][0]
    assert client.get(index=index, id=hit["_id"])["_source"] == hit["_source"]
    assert client.exists(index=index, id=hit["_id"]) and client.indices.exists(index=index)
    assert client.mget(index=index, ids=[hit["_id"]])["docs"][0]["found"]
    assert client.field_caps(index=index, fields="*")["fields"]["value"]["double"]["aggregatable"]
    assert client.cat.count(index=index, format="json")[0]["count"] == "2500"
    assert refused(lambda: client.search(index=index, query={"hello": {}}), BadRequestError)
    assert refused(lambda: client.search(index="987654321_1"), (NotFoundError, AuthorizationException))


if __name__ == "__main__":
    main(*sys.argv[1:])
