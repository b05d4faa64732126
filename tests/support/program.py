"""The program under test: started, waited for by its ready file, stopped, killed."""

import atexit
import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import time

from support.http import DEADLINE_S

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("IOTPLATFORM", str(ROOT / "build" / "release" / "iotplatform"))
DEMO_PASSWORD = "x5KATOHT9zHczR49aPy0"

# The child dies with the tests, however these end.
DIES_WITH_TESTS = ["setpriv", "--pdeathsig", "KILL", "--"]

_running = set()

# {file name: contents} of the signing key of the first platform of this run. Making one takes seconds of CPU time, so
# later platforms are given it, unless a test is about the first start.
_signing_key = {}


class StartFailed(Exception):
    """The platform ended before it was ready. `returncode` and `output` say how."""

    def __init__(self, returncode, output):
        super().__init__(f"ended with {returncode}: {output[-4000:]}")
        self.returncode = returncode
        self.output = output


def run(*arguments, env=None, input=None, prefix=(), timeout_s=DEADLINE_S):
    """Runs a command of the program to its end: a CompletedProcess with text in stdout and stderr."""
    done = subprocess.run([*DIES_WITH_TESTS, *prefix, PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          env={**clean_environment(), **(env or {})}, input=input, timeout=timeout_s)
    expect_no_report(done.stderr)
    return done


def expect_no_report(output):
    """A program that was built with sanitizers and ended by one fails the test, even one that expects a bad end."""
    assert not re.search(r"runtime error: |Sanitizer: ", output), output[-20_000:]


def clean_environment():
    """This process's environment without settings of the platform, which would decide over the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("IOTPLATFORM")}


def parse_config(text):
    """{setting: its line} of what `iotplatform config` prints, which is TOML: [section], and key = value under it."""
    lines, section = {}, ""
    for line in text.splitlines():
        if found := re.match(r"\[([a-z_]+)\]", line):
            section = found.group(1) + "."
        elif found := re.match(r"([a-z][a-z0-9_.]*)\s*=", line):
            lines[section + found.group(1)] = line
    return lines


@functools.cache
def setting_names():
    """The names of all settings."""
    printed = run("config")
    assert printed.returncode == 0, printed.stderr
    return frozenset(parse_config(printed.stdout))


def port_flags():
    """Flags that move every listener to a free port and switch off those that these tests do not use."""
    wanted = {"core.port": "0", "http.ports": "0,0", "query.port": "0"}
    for name in setting_names():
        if re.search(r"\.(\w+_)?ports?$", name) and name not in wanted:
            wanted[name] = "off"
    return wanted


class Platform:
    """`iotplatform serve` on a data directory of its own.

    `settings` are flags by name ({"core.port": "off"}), over the defaults of the tests; `prefix` is a command to start the
    program with, such as `prlimit`. The same object can be started again after it has ended.
    """

    def __init__(self, directory, settings=None, profile="demo", env=None, arguments=(), prefix=(), data_dir=None,
                 own_key=False):
        self.directory = pathlib.Path(directory)
        self.data_dir = pathlib.Path(data_dir) if data_dir else self.directory / "data"
        self.settings = settings or {}
        self.profile = profile
        self.env = env or {}
        self.arguments = list(arguments)
        self.prefix = list(prefix)
        self.own_key = own_key
        self.process = None
        self.ready = None
        self.output_file = self.directory / "output"
        self.ready_file = self.directory / "ready.json"

    def command(self):
        flags = {**port_flags(), **self.settings}
        command = [*DIES_WITH_TESTS, *self.prefix, PROGRAM, "serve", "--data-dir", str(self.data_dir),
                   "--listen", "127.0.0.1", "--profile", self.profile, "--ready-file", str(self.ready_file)]
        for name, value in flags.items():
            if value is not None:
                command += [f"--{name}", str(value)]
        return command + self.arguments

    def start(self):
        """Starts it and returns once the ready file is there; StartFailed if it ends before."""
        self.begin()
        self.wait_ready()
        return self

    def fail_to_start(self):
        """Starts it, which must not succeed; the StartFailed, with an exit code that says so."""
        try:
            self.start()
        except StartFailed as failed:
            assert failed.returncode > 0, failed
            return failed
        self.kill()
        raise AssertionError(f"started: {self.output()[-4000:]}")

    def begin(self):
        """Starts it and does not wait."""
        assert self.process is None, "already running"
        self.ready_file.unlink(missing_ok=True)
        self.ready = None
        if not self.own_key and not self.data_dir.exists():
            self._give_key()
        with open(self.output_file, "ab") as output:
            self.output_begin = output.tell()
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT, env={**clean_environment(), **self.env})
        _running.add(self)

    def wait_ready(self):
        deadline = time.monotonic() + DEADLINE_S
        while not self.ready_file.exists():
            try:
                returncode = self.process.wait(timeout=0.002)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
                self.kill()
                raise AssertionError(f"not ready after {DEADLINE_S} s: {self.output()[-4000:]}") from None
            self._ended()
            raise StartFailed(returncode, self.output())
        self.ready = json.loads(self.ready_file.read_text())

    def output(self):
        """What it printed since its last start."""
        with open(self.output_file, "rb") as output:
            output.seek(self.output_begin)
            return output.read().decode("utf-8", "replace")

    @property
    def pid(self):
        return self.process.pid

    def address(self, listener, index=0):
        """(host, port) of a listener by its name in the ready file: core, http, query."""
        host, _, port = self.ready["addresses"][listener][index].rpartition(":")
        return host, int(port)

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        """Waits for its end; the exit code (negative: the signal)."""
        try:
            returncode = self.process.wait(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running {DEADLINE_S} s after it was told to end") from None
        self._ended()
        return returncode

    def kill(self):
        """SIGKILL: the plug is pulled (as far as a process can feel it)."""
        self.process.kill()
        self.process.wait()
        self._ended()

    def stop_if_running(self):
        if self.process is not None:
            self.kill()

    def _give_key(self):
        for name, contents in _signing_key.items():
            self.data_dir.mkdir(mode=0o700)
            (self.data_dir / name).touch(mode=0o600)
            (self.data_dir / name).write_bytes(contents)

    def _ended(self):
        if not _signing_key and self.data_dir.is_dir():
            for file in self.data_dir.glob("*.pem"):
                if b"-----END PRIVATE KEY" in file.read_bytes():
                    _signing_key[file.name] = file.read_bytes()
        self.process = None
        _running.discard(self)
        expect_no_report(self.output())

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop_if_running()


@atexit.register
def _end_all():
    for platform in list(_running):
        platform.kill()
