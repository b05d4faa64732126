"""Debian's Chromium, driven by Playwright, which comes from PyPI (tests/requirements.txt)."""

import functools
import os
import shutil
import sys

from support import venv

# What the pages of a test may wait for, on a machine that is busy.
DEADLINE_MS = 30_000


def _import():
    """Playwright of the tests' environment, whose interpreter is the same as this one."""
    venv.python()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = str(venv.DIRECTORY / "lib" / version / "site-packages")
    if packages not in sys.path:
        # Behind Debian's: pytest and what it uses stay what they are.
        sys.path.append(packages)
    from playwright import sync_api  # pylint: disable=import-outside-toplevel
    return sync_api


@functools.cache
def sync_api():
    return _import()


class Browser:
    """A Chromium without a window. Each page has a context (cookies, storage) of its own unless it is told one."""

    def __init__(self):
        program = shutil.which("chromium")
        assert program, "the Debian package chromium is missing"
        self._playwright = sync_api().sync_playwright().start()
        # Its own sandbox needs rights that a container's root has not.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.chromium = self._playwright.chromium.launch(executable_path=program, args=[*options, "--disable-dev-shm-usage"])

    def context(self, url, width=1280, height=800, scheme="light", language="en", **options):
        context = self.chromium.new_context(base_url=url, viewport={"width": width, "height": height}, color_scheme=scheme,
                                            locale={"en": "en-GB", "de": "de-DE"}[language], timezone_id="Europe/Berlin",
                                            reduced_motion="reduce", **options)
        context.set_default_timeout(DEADLINE_MS)
        return context

    def close(self):
        self.chromium.close()
        self._playwright.stop()
