"""What scripts/bench measures: the platform and its peers as processes of their own, on free ports."""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PROGRAM = os.environ.get("IOTPLATFORM", ROOT + "/build/release/iotplatform")
DEMO_PASSWORD = "x5KATOHT9zHczR49aPy0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"bench: {what} did not come within {seconds} s")
        time.sleep(0.01)


def files_bytes(directory):
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            total += os.path.getsize(os.path.join(folder, name))
    return total


class Process:
    def __init__(self, arguments, directory):
        self.directory = directory
        self.output = open(os.path.join(directory, "output"), "w+")
        self.process = subprocess.Popen(arguments, stdout=self.output, stderr=self.output)
        self.pid = self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)


class Platform:
    """The program with its embedded engines, on free ports."""

    NAME = "iotplatform"

    def __init__(self, directory=None, *flags):
        self.directory = directory or tempfile.mkdtemp(prefix="bench-")
        self.data = os.path.join(self.directory, "data")
        self.start(*flags)

    def start(self, *flags):
        ready = os.path.join(self.directory, "ready")
        if os.path.exists(ready):
            os.remove(ready)
        self.process = Process([PROGRAM, "serve", "--profile", "demo", "--data-dir", self.data, "--ready-file", ready,
                                "--core.port", "0", "--http.ports", "0", "--query.port", "0", "--mqtt.port", "0", "--websocket.ports", "0",
                                "--dashboards.port", "off", "--jobs.port", "off",
                                "--gateway.connections_per_device_max", "1000000", "--mqtt.sessions_per_device_max", "1000000",
                                *flags], self.directory)
        self.pid = self.process.pid
        wait_for(lambda: os.path.exists(ready) or self.process.process.poll() is not None, 60, "the platform")
        self.ready = json.load(open(ready))
        address = {name: int(list_[0].rsplit(":", 1)[1]) for name, list_ in self.ready["addresses"].items()}
        self.core, self.http, self.query = address["core"], address["http"], address["query"]
        self.mqtt, self.websocket = address.get("mqtt"), address.get("websocket")
        self.token = None

    def call(self, method, path, body=None, port=None, token=None):
        if self.token is None and path != "/api/users/signin":
            self.token = self.call("POST", "/api/users/signin", {"username": "root", "password": DEMO_PASSWORD})["token"]
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.core}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if self.token or token:
            request.add_header("Authorization", "Bearer " + (token or self.token))
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def device(self, sensors, mapping="double"):
        """A device with so many sensors: id, sensor ids, header with its key."""
        device = self.call("POST", "/api/devices", {"name": "bench", "description": ""})["result"]["id"]
        ids = []
        for start in range(0, sensors, 1000):
            made = self.call("POST", f"/api/devices/{device}/sensors",
                             [{"name": f"sensor {i}", "mapping": {"type": mapping}} for i in range(start, min(start + 1000, sensors))])
            ids += [one["id"] for one in made]
        key = self.call("GET", f"/api/devices/{device}/key")["token"]
        return device, ids, "Authorization: Bearer " + key

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class Nginx:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-nginx-")
        self.port = free_port()
        config = os.path.join(self.directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(f"""worker_processes {os.cpu_count()}; daemon off; pid {self.directory}/pid; error_log {self.directory}/errors;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {self.directory}/body;
  server {{ listen 127.0.0.1:{self.port} reuseport; location / {{ return 200 '{{"accepted":1}}'; }} }} }}
""")
        self.process = Process([shutil.which("nginx") or "/usr/sbin/nginx", "-c", config, "-p", self.directory], self.directory)
        wait_for(lambda: answers(self.port), 10, "nginx")
        workers = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        wait_for(lambda: len(open(workers).read().split()) == os.cpu_count(), 10, "each of nginx's workers")
        self.pid = ",".join(open(workers).read().split())

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class VictoriaMetrics:
    NAME = "VictoriaMetrics"

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-vm-")
        self.port = free_port()
        self.process = Process(["victoria-metrics", f"-storageDataPath={self.directory}/data", f"-httpListenAddr=127.0.0.1:{self.port}",
                                "-retentionPeriod=100y", "-search.latencyOffset=0s", "-search.disableCache",
                                "-search.maxPointsPerTimeseries=1000000"], self.directory)
        self.pid = self.process.pid
        wait_for(lambda: answers(self.port), 30, "VictoriaMetrics")

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.read()

    def write(self, lines):
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/write?precision=ms", data=lines.encode()).read()

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def victoria_or_none():
    return VictoriaMetrics() if shutil.which("victoria-metrics") else None


class OpenSearch:
    """As scripts/engines/node installs it, with an index `readings` of the documents that the platform shows, for all sensors."""

    NAME = "OpenSearch"
    NODE = ROOT + "/scripts/engines/node"

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-opensearch-")
        # Compiled as in earnest, not for a quick start as in the tests.
        environment = dict(os.environ, ENGINE_JIT="full", ENGINE_HEAP=os.environ.get("ENGINE_HEAP", "2g"))
        url = subprocess.run([self.NODE, "opensearch", "start", self.directory], env=environment, check=True, stdout=subprocess.PIPE,
                             text=True).stdout.strip()
        self.port = int(url.rsplit(":", 1)[1])
        self.pid = int(open(self.directory + "/pid").read())
        try:
            self.prepare()
        except BaseException:
            self.stop()
            raise

    def prepare(self):
        # The tests switch this optimisation off, as it miscounts date_range; nothing here asks for that.
        self.call("PUT", "/_cluster/settings", '{"transient": {"search.max_aggregation_rewrite_filters": 3000}}')
        fields = {"timestamp": {"type": "date_nanos"}, "device_id": {"type": "keyword"}, "sensor_id": {"type": "keyword"},
                  "value": {"type": "double"}}
        self.call("PUT", "/readings", json.dumps({"settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1},
                                                  "mappings": {"properties": fields}}))

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, data=body and body.encode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def settle(self, count):
        """After loading: one segment, all of it to be seen."""
        self.call("POST", "/readings/_forcemerge?max_num_segments=1")
        self.call("POST", "/readings/_refresh")
        found = self.call("GET", "/readings/_count")["count"]
        if found != count:
            sys.exit(f"bench: OpenSearch has {found} points of {count}")

    def stop(self):
        subprocess.run([self.NODE, "opensearch", "stop", self.directory], check=True)
        shutil.rmtree(self.directory, ignore_errors=True)


class Mosquitto:
    """As a plain broker that keeps nothing: the least work that a broker can have."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-mosquitto-")
        self.port = free_port()
        config = os.path.join(self.directory, "mosquitto.conf")
        with open(config, "w") as file:
            file.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 0\n"
                       "max_queued_messages 0\nlog_type error\n")
            if os.geteuid() == 0:
                file.write("user root\n")
        self.process = Process([shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", config], self.directory)
        self.pid = self.process.pid
        wait_for(lambda: answers(self.port), 10, "mosquitto")

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def mosquitto_or_none():
    return Mosquitto() if shutil.which("mosquitto") or os.path.exists("/usr/sbin/mosquitto") else None


def median(rows, field):
    return statistics.median(row[field] for row in rows)


def cpu_ms(rows):
    """CPU milliseconds of the server for a request."""
    return statistics.median(row["server_cpu_s"] / row["requests"] * 1000 for row in rows)
