"""Test clients from npm, installed on first use (tests/package.json)."""

import os
import shutil
import subprocess

from support.program import ROOT

DIRECTORY = ROOT / "build" / "node"
PACKAGES = ROOT / "tests" / "package.json"


def modules():
    """The directory of the packages, for NODE_PATH."""
    copy = DIRECTORY / "package.json"
    stamp = DIRECTORY / "installed.json"
    wanted = PACKAGES.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        copy.write_text(wanted)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], cwd=DIRECTORY, check=True)
        stamp.write_text(wanted)
    return DIRECTORY / "node_modules"


def command(script, *arguments):
    """What runs a script of tests/clients."""
    return [shutil.which("node") or "nodejs", str(ROOT / "tests" / "clients" / script), *arguments]


def environment():
    return {**os.environ, "NODE_PATH": str(modules())}
