"""Disks that can be filled up, and files that can be damaged."""

import os
import pathlib
import subprocess

import pytest


class SmallDisk:
    """A file system in memory of its own, 192 MiB, to be filled by a ballast file."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.ballast = self.directory / "ballast"

    def __enter__(self):
        if os.geteuid() != 0:
            pytest.skip("only root can mount a small disk")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", self.directory], capture_output=True)
        if mounted.returncode != 0:
            pytest.skip(f"cannot mount a small disk here: {mounted.stderr.decode().strip()}")
        return self

    def __exit__(self, *_):
        # Lazily: what still holds a file there must not make the test hang.
        subprocess.run(["umount", "--lazy", self.directory], check=True)

    def fill(self, leave_bytes):
        there = os.statvfs(self.directory)
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, there.f_bavail * there.f_frsize - leave_bytes))

    def make_room(self):
        self.ballast.unlink()


class FileSizeLimit:
    """No file of the process may grow past a few kilobytes: a full disk for those who cannot mount one."""

    # Without this the kernel would end the process instead of refusing the write.
    PREFIX = ["env", "--ignore-signal=XFSZ"]

    def __init__(self, platform):
        self.platform = platform

    def fill(self):
        self._limit("4096:unlimited")

    def make_room(self):
        self._limit("unlimited:unlimited")

    def _limit(self, value):
        subprocess.run(["prlimit", "--pid", str(self.platform.pid), f"--fsize={value}"], check=True)


def flip_bit(file, offset):
    with open(file, "r+b") as opened:
        opened.seek(offset)
        byte = opened.read(1)[0]
        opened.seek(offset)
        opened.write(bytes([byte ^ 1]))


def find_bytes(directory, needle):
    """[(file, offset)] of the places where the bytes lie in files under the directory."""
    found = []
    for file in sorted(path for path in pathlib.Path(directory).rglob("*") if path.is_file()):
        data = file.read_bytes()
        at = data.find(needle)
        while at >= 0:
            found.append((file, at))
            at = data.find(needle, at + 1)
    return found
