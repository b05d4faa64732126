"""A virtual environment with the clients that Debian does not package, made on first use (tests/requirements*.txt)."""

import os
import subprocess
import sys

from support.program import ROOT

DIRECTORY = ROOT / "build" / "venv"


def _requirements(name):
    return ROOT / "tests" / name


def _install(interpreter, requirements, stamp, *options):
    """Installs what the file says, unless that has been done."""
    wanted = requirements.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options,
                    "-r", requirements], check=True)
    stamp.write_text(wanted)


def python():
    """The interpreter of the environment, which has exactly what the requirements say."""
    interpreter = DIRECTORY / "bin" / "python"
    requirements = _requirements("requirements.txt")
    stamp = DIRECTORY / "installed.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", DIRECTORY], check=True)
    _install(interpreter, requirements, stamp)
    return interpreter


def with_packages(name):
    """The environment variables with which python() finds those of requirements-<name>.txt before its own: for another
    version of a package that is there already."""
    directory = DIRECTORY / "beside" / name
    directory.mkdir(parents=True, exist_ok=True)
    _install(python(), _requirements(f"requirements-{name}.txt"), directory / "installed.txt",
             "--no-warn-conflicts", "--upgrade", "--target", directory)
    return {**os.environ, "PYTHONPATH": str(directory)}


if __name__ == "__main__":
    print(python())
