"""A consumer's queries, through either front: the proxy of IoTCore or the port that speaks Elasticsearch."""

import json

from support.http import Client

PAGE = 10_000  # Elasticsearch's index.max_result_window


class Queries:
    """`front` is "proxy" or "query". Indices are named "<device>_<sensor>" for both."""

    def __init__(self, platform, token, front="proxy"):
        self.front = front
        self.client = Client(platform.address("core" if front == "proxy" else "query"))
        self.token = token

    def path(self, index, endpoint):
        if self.front == "proxy":
            return f"/api/consumers/consume/{index.partition('_')[2]}/{endpoint}"
        return f"/{index}/{endpoint}"

    def call(self, method, target, body=None, headers=()):
        """The answer, whatever it is. `body` is a value to send as JSON, or bytes."""
        headers = [("Authorization", f"Bearer {self.token}"), *headers]
        if body is not None:
            if not any(name.lower() == "content-type" for name, _ in headers):
                headers.append(("Content-Type", "application/json"))
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        elif method == "POST":
            body = b""
        return self.client.request(method, target, headers, body)

    def search(self, index, body=None):
        """The answer's JSON; anything but 200 with all shards is a failure."""
        response = self.call("POST", self.path(index, "_search"), {} if body is None else body)
        assert response.status == 200, response
        answer = response.json
        assert answer["timed_out"] is False and answer["_shards"]["failed"] == 0, response
        return answer

    def aggregate(self, index, **aggregations):
        return self.search(index, {"size": 0, "aggs": aggregations})["aggregations"]

    def count(self, index, query=None):
        response = self.call("POST", self.path(index, "_count"), {"query": query or {"match_all": {}}})
        assert response.status == 200, response
        return response.json["count"]

    def all(self, index, query=None, by_value=True, page=PAGE):
        """Every document (`_source`) in order of time, page after page. `by_value` orders those of one time by value,
        without which two values at one time could be torn apart by the end of a page."""
        body = {"size": page, "query": query or {"match_all": {}},
                "sort": [{"timestamp": "asc"}] + ([{"value": "asc"}] if by_value else [])}
        documents, ids = [], set()
        while True:
            hits = self.search(index, body)["hits"]["hits"]
            documents += [hit["_source"] for hit in hits]
            ids.update(hit["_id"] for hit in hits)
            if len(hits) < page:
                assert len(ids) == len(documents), "an _id came twice"
                return documents
            body["search_after"] = hits[-1]["sort"]
