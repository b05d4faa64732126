"""A virtual environment with the clients that Debian does not package, made on first use (tests/requirements.txt)."""

import subprocess
import sys

from support.program import ROOT

DIRECTORY = ROOT / "build" / "venv"
REQUIREMENTS = ROOT / "tests" / "requirements.txt"


def python():
    """The interpreter of the environment, which has exactly what the requirements say."""
    stamp = DIRECTORY / "installed.txt"
    interpreter = DIRECTORY / "bin" / "python"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", DIRECTORY], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return interpreter


if __name__ == "__main__":
    print(python())
