"""A real OpenSearch or Elasticsearch, started by scripts/engines/node or running somewhere already."""

import json
import subprocess
import urllib.parse

from support.http import Client
from support.program import ROOT

NODE = ROOT / "scripts" / "engines" / "node"
NAMES = ("opensearch", "elasticsearch")


class Engine:
    def __init__(self, name, url):
        self.name = name
        address = urllib.parse.urlsplit(url)
        self.client = Client((address.hostname, address.port))

    def call(self, method, target, body=None, content_type="application/json"):
        """The answer. `body` is a value to send as JSON, or bytes."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.client.request(method, target, [("Content-Type", content_type)] if body is not None else [], body)

    def ok(self, method, target, body=None, content_type="application/json"):
        response = self.call(method, target, body, content_type)
        assert response.status == 200, response
        return response.json

    def load(self, index, mappings, hits):
        """Makes the index anew, with these documents in this order, in one segment, so that ties come in that order too."""
        self.call("DELETE", f"/{index}")
        self.ok("PUT", f"/{index}", {"settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1}, "mappings": mappings})
        for begin in range(0, len(hits), 2_000):
            lines = []
            for hit in hits[begin:begin + 2_000]:
                lines += [json.dumps({"index": {"_id": hit["_id"]}}), json.dumps(hit["_source"])]
            answer = self.ok("POST", f"/{index}/_bulk", ("\n".join(lines) + "\n").encode(), "application/x-ndjson")
            assert answer["errors"] is False, [item for item in answer["items"] if "error" in item["index"]][:1]
        self.ok("POST", f"/{index}/_forcemerge?max_num_segments=1")
        self.ok("POST", f"/{index}/_refresh")
        assert self.ok("GET", f"/{index}/_count")["count"] == len(hits), index


class Node:
    """`with Node(name, directory) as engine:` runs one for as long."""

    def __init__(self, name, directory):
        self.command = [str(NODE), name]
        self.name = name
        self.directory = str(directory)

    def __enter__(self):
        started = subprocess.run([*self.command, "start", self.directory], stdout=subprocess.PIPE, text=True, check=True)
        return Engine(self.name, started.stdout.strip())

    def __exit__(self, *_):
        subprocess.run([*self.command, "stop", self.directory], check=True)
