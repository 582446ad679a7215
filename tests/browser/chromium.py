"""The browser: the machine's own Chromium, which Playwright drives; nothing is downloaded."""

import os
import shutil

from tests.servers import Missing

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """Its path. Raises Missing with what to do."""
    candidates = [os.environ.get("CHROMIUM", ""), *NAMES]
    for name in filter(None, candidates):
        if found := shutil.which(name):
            return found
    raise Missing("No Chromium here. Set CHROMIUM to its path, or, on Debian: apt install chromium")
