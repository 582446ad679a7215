"""The setting THUMBNAILS: which sizes are made, and what is accepted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

KEYS = ("SIZES", "MAX_BYTES", "MAX_PIXELS")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# What WebP can hold; JPEG holds more.
LONGEST_SIDE = 16_383

Box = tuple[int, int]


@dataclass(frozen=True)
class Rules:
    """``sizes``: name -> (width, height) in pixels, neither exceeded. ``max_bytes`` and ``max_pixels`` hold for
    what is uploaded."""

    sizes: Mapping[str, Box]
    max_bytes: int
    max_pixels: int

    @classmethod
    def current(cls) -> "Rules":
        """What the settings say now; ``problems`` has checked them when the project started."""
        given: Mapping[str, Any] = settings.THUMBNAILS
        sizes = {name: (width, height) for name, (width, height) in given["SIZES"].items()}
        return cls(sizes=sizes, max_bytes=given["MAX_BYTES"], max_pixels=given["MAX_PIXELS"])


def problems(given: Any) -> list[tuple[str, str]]:
    """What is wrong with the setting, as (problem, cure)."""
    if not isinstance(given, Mapping):
        return [("THUMBNAILS is not a dictionary.", f"Give it the keys {', '.join(KEYS)}.")]
    found = [
        (f"THUMBNAILS has the unknown key {key!r}.", f"Known are {', '.join(KEYS)}.") for key in given.keys() - KEYS
    ]
    sizes = given.get("SIZES")
    if not isinstance(sizes, Mapping) or not sizes:
        found.append(("THUMBNAILS['SIZES'] names no size.", "Set it like {'small': (160, 160)}."))
    else:
        found += [problem for name, box in sizes.items() for problem in _size_problems(name, box)]
    for key in ("MAX_BYTES", "MAX_PIXELS"):
        if not _is_count(given.get(key)):
            found.append((f"THUMBNAILS[{key!r}] is {given.get(key)!r}.", "Set it to a whole number above 0."))
    return found


def _size_problems(name: Any, box: Any) -> list[tuple[str, str]]:
    found = []
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        cure = "A size's name stands in addresses: up to 32 small letters, digits, - and _."
        found.append((f"THUMBNAILS['SIZES'] has the name {name!r}.", cure))
    fits = isinstance(box, (tuple, list)) and len(box) == 2 and all(_is_count(n) and n <= LONGEST_SIDE for n in box)
    if not fits:
        cure = f"Set it to (width, height) in pixels, each from 1 to {LONGEST_SIDE}."
        found.append((f"THUMBNAILS['SIZES'][{name!r}] is {box!r}.", cure))
    return found


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
