"""A spec as the setting declares it: ``(width, height)``, or a mapping of any of ``Spec``'s fields."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from PIL import features

from thumbnails.specs import Mode, Spec

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# What WebP can hold; JPEG holds more.
LONGEST_SIDE = 16_383
LARGEST_DENSITY = 4
FORMATS = ("avif", "webp", "jpeg", "png")
READ_EVERYWHERE = ("jpeg", "png", "webp")


def declared(name: str, given: Any) -> Spec:
    """The spec; ``problems_with`` has found nothing wrong with it."""
    if not isinstance(given, Mapping):
        width, height = given
        return Spec(name, width, height)
    tuples = {key: tuple(given[key]) for key in ("formats", "densities") if key in given}
    return Spec(name, **{**given, **tuples, "mode": Mode(given.get("mode", Mode.FIT))})


def problems_with(name: Any, given: Any) -> list[tuple[str, str]]:
    """What is wrong with it, as (problem, cure)."""
    where = f"THUMBNAILS['SPECS'][{name!r}]"
    found = []
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        cure = "A spec's name stands in addresses: up to 32 small letters, digits, - and _."
        found.append((f"THUMBNAILS['SPECS'] has the name {name!r}.", cure))
    if not isinstance(given, Mapping):
        if not (isinstance(given, (tuple, list)) and len(given) == 2 and all(map(_is_side, given))):
            found.append((f"{where} is {given!r}.", f"Set it to (width, height), {SIDE}, or to a dictionary."))
        return found
    for key in given.keys() - RULES.keys():
        found.append((f"{where} has the unknown key {key!r}.", f"Known are {', '.join(RULES)}."))
    for key, (is_sound, cure) in RULES.items():
        if key in given and not is_sound(given[key]):
            found.append((f"{where}[{key!r}] is {given[key]!r}.", cure))
    for key in {"width", "height"} - given.keys():
        found.append((f"{where} has no {key}.", RULES[key][1]))
    return found or _too_large(where, declared(name, given))


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _too_large(where: str, spec: Spec) -> list[tuple[str, str]]:
    longest = max(spec.width, spec.height) * max(spec.densities)
    if longest <= LONGEST_SIDE:
        return []
    return [(f"{where} reaches {longest:g} pixels.", f"Lower its size or densities: at most {LONGEST_SIDE} pixels.")]


def _is_side(value: Any) -> bool:
    return is_count(value) and value <= LONGEST_SIDE


def _are_formats(value: Any) -> bool:
    return (
        isinstance(value, (tuple, list))
        and bool(value)
        and all(format in FORMATS for format in value)
        and len(set(value)) == len(value)
        and value[-1] in READ_EVERYWHERE
        and ("avif" not in value or bool(features.check("avif")))
    )


def _are_qualities(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        format in FORMATS and is_count(quality) and quality <= 100 for format, quality in value.items()
    )


def _are_densities(value: Any) -> bool:
    return (
        isinstance(value, (tuple, list))
        and bool(value)
        and all(type(density) in (int, float) and 1 <= density <= LARGEST_DENSITY for density in value)
        and len(set(value)) == len(value)
    )


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


SIDE = f"each from 1 to {LONGEST_SIDE} pixels"
RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "width": (_is_side, f"Set it to a whole number of pixels from 1 to {LONGEST_SIDE}."),
    "height": (_is_side, f"Set it to a whole number of pixels from 1 to {LONGEST_SIDE}."),
    "mode": (lambda value: value in list(Mode), f"Set it to one of {', '.join(Mode)}."),
    "formats": (
        _are_formats,
        f"List each once of {', '.join(FORMATS)}, and last one that every browser reads: {', '.join(READ_EVERYWHERE)}. "
        "AVIF needs a Pillow that was built with it.",
    ),
    "quality": (_are_qualities, "Set it like {'jpeg': 85}, each from 1 to 100."),
    "densities": (_are_densities, f"List each once, from 1 to {LARGEST_DENSITY}, like [1, 2]."),
    "upscale": (_is_flag, "Set it to True or False."),
    "background": (
        lambda value: isinstance(value, str) and bool(COLOUR.fullmatch(value)), "Set it like '#ffffff'."
    ),
    "flatten": (_is_flag, "Set it to True or False."),
}  # fmt: skip
