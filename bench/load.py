"""The load generators of bench/, compiled when they are first needed: each call gives what the program found."""

import json
import os
import subprocess

from servers import ROOT

BUILD = ROOT + "/build/bench/"


def compile_generators():
    os.makedirs(BUILD, exist_ok=True)
    for name in ("http_load", "fill"):
        source = f"{ROOT}/bench/{name}.cpp"
        changed = max(os.path.getmtime(source), os.path.getmtime(ROOT + "/bench/process_time.h"))
        if not os.path.exists(BUILD + name) or os.path.getmtime(BUILD + name) < changed:
            subprocess.run(["g++", "-std=c++20", "-O2", source, "-o", BUILD + name, "-pthread"], check=True)


def arguments_of(name, options):
    arguments = [BUILD + name]
    for option, value in options.items():
        arguments += ["--" + option, str(value)]
    return arguments


def load(**options):
    return json.loads(subprocess.run(arguments_of("http_load", options), check=True, stdout=subprocess.PIPE).stdout)


class Load:
    """The same beside something else: begins at once, and result() waits for its end."""

    def __init__(self, **options):
        self.process = subprocess.Popen(arguments_of("http_load", options), stdout=subprocess.PIPE)

    def result(self):
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise RuntimeError("http_load failed")
        return json.loads(output)


def fill(**options):
    return json.loads(subprocess.run(arguments_of("fill", options), check=True, stdout=subprocess.PIPE).stdout)
