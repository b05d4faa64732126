"""What a consumer does with Elasticsearch's official Python client. Run by test_queries.py in the virtual environment.

    official_client.py URL TOKEN INDEX
"""

import sys

from elasticsearch import AuthorizationException, BadRequestError, Elasticsearch, NotFoundError


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
    assert refused(lambda: client.search(index=index, query={"hello": {}}), BadRequestError)
    assert refused(lambda: client.search(index="987654321_1"), (NotFoundError, AuthorizationException))


if __name__ == "__main__":
    main(*sys.argv[1:])
