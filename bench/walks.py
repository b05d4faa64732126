"""The series that queries are measured on: the same points for the platform and for its peers."""

import sys

from load import fill
from servers import VictoriaMetrics, wait_for

FIRST_MS = 1_700_000_000_000
STEP_MS = 10_000


class Walks:
    """So many sensors with so many points each, ten seconds apart; `pull` keeps them about their middle (bench/fill.cpp)."""

    def __init__(self, platform, sensors, points, pull=0):
        self.platform, self.count, self.pull = platform, points, pull
        self.device, self.sensors, self.header = platform.device(sensors)
        self.total = sensors * points
        self.first_s, self.last_s = FIRST_MS / 1000, (FIRST_MS + points * STEP_MS) / 1000

    def common(self, server):
        return dict(sensors=",".join(self.sensors), points=self.count, pull=self.pull, first_ms=FIRST_MS, step_ms=STEP_MS, pid=server.pid)

    def index(self, number=0):
        return f"{self.device}_{self.sensors[number]}"

    def into(self, server):
        """Sends all and waits until queries see all: what the sending took."""
        if server is self.platform:
            took = fill(port=server.http, header=self.header, **self.common(server))
            wait_for(lambda: self.platform_count() == self.total, 60, "the last point")
        elif isinstance(server, VictoriaMetrics):
            took = fill(port=server.port, format="line", path="/write?precision=ms", **self.common(server))
            server.get("/internal/force_flush")
        else:
            took = fill(port=server.port, format="bulk", path="/readings/_bulk", device=self.device, **self.common(server))
            server.settle(self.total)
        print(f"  {server.NAME}: {took['points']:,} points sent in {took['seconds']:.1f} s, {took['server_cpu_s']:.1f} CPU s", flush=True)
        return took

    def platform_count(self):
        answer = self.platform.call("POST", f"/{self.device}_*/_count", {}, self.platform.query)
        if answer["count"] > self.total:
            sys.exit(f"bench: {answer['count']} points where {self.total} were sent")
        return answer["count"]
