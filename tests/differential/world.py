"""The data sets in our program, and from there in the engines under the same names and ids."""

from differential.data import make_sensors
from support.api import Api, make_thing
from support.ingest import Gateway
from support.query import Queries

MESSAGE_READINGS = 500


class World:
    """Our program with all sensors. On a fresh data directory the names of indices and the ids of readings are always the same."""

    def __init__(self, platform, seed=1):
        self.sensors = make_sensors(seed)
        self.thing = make_thing(Api.signed_in(platform), {name: sensor.mapping for name, sensor in self.sensors.items()}, "Plant")
        gateway = Gateway(platform, self.thing.token)
        for name, sensor in self.sensors.items():
            messages = sensor.messages(self.thing.sensors[name])
            for begin in range(0, len(messages), MESSAGE_READINGS):
                gateway.store(messages[begin:begin + MESSAGE_READINGS])
        self.queries = Queries(platform, self.thing.consumer_token, "query")

    def indices(self):
        """{sensor's name: index}."""
        return {name: self.thing.index(name) for name in self.sensors}

    def call(self, method, target, body=None):
        return self.queries.call(method, target, body)

    def load(self, engine):
        for name, index in self.indices().items():
            hits = self.queries.search(index, {"size": 10_000, "sort": ["timestamp", "_doc"]})["hits"]["hits"]
            assert len(hits) == len(self.sensors[name].readings), name
            mappings = self.queries.call("GET", f"/{index}/_mapping").json[index]["mappings"]
            engine.load(index, mappings, hits)
