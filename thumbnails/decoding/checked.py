"""What a decoder says is believed of nobody: hostile bytes may have made it say anything."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from thumbnails.rendering import Rendered, Rendering
from thumbnails.specs import Spec

BEGINS = {
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "avif": re.compile(rb"....ftypavi[fs]", re.DOTALL),
}
STAND_INS = {"png", "gif"}
"""For the last format of a spec, when that cannot show the picture."""
PLACEHOLDER = re.compile(r"(data:image/(webp|png|jpeg|gif);base64,[A-Za-z0-9+/]*={0,2})?")
FORMAT = re.compile("[a-z]{3,8}")
LONGEST_PLACEHOLDER = 4096
LONGEST_REASON = 500
LARGEST = 2**31 - 1


class Implausible(Exception):
    """This is no answer to what was asked."""


class Answers:
    """Gathers the answers about one picture. Everything raises Implausible."""

    def __init__(self, wanted: Sequence[Spec], focal: tuple[float, float]) -> None:
        self._specs = {spec.name: spec for spec in wanted}
        self._focal = focal
        self._renditions: dict[tuple[str, str, float], Rendered] = {}

    def rendered(self, said: Mapping[str, Any], content: bytes) -> Rendered:
        spec, format, density = self._specs.get(str(said.get("name"))), said.get("format"), said.get("density")
        if (
            spec is None
            or not isinstance(format, str)
            or format not in {*spec.formats, *STAND_INS}
            or density not in spec.densities
        ):
            raise Implausible("not asked for")
        width, height = _count(said, "width"), _count(said, "height")
        if width > round(spec.width * density) or height > round(spec.height * density):
            raise Implausible("larger than asked for")
        if not BEGINS[format].match(content):
            raise Implausible(f"no {format}")
        key = (spec.name, format, float(density))
        if key in self._renditions:
            raise Implausible("told twice")
        made = Rendered(spec.name, format, float(density), spec.hash(format, self._focal), content, width, height)
        self._renditions[key] = made
        return made

    def done(self, said: Mapping[str, Any]) -> Rendering:
        placeholder, format = said.get("placeholder"), said.get("format")
        if not (isinstance(placeholder, str) and len(placeholder) <= LONGEST_PLACEHOLDER):
            raise Implausible("no placeholder")
        if not PLACEHOLDER.fullmatch(placeholder):
            raise Implausible("a placeholder that is no picture")
        if not (isinstance(format, str) and FORMAT.fullmatch(format)):
            raise Implausible("no format")
        if {name for name, _, _ in self._renditions} != set(self._specs):
            raise Implausible("not all that was asked for")
        width, height, frames = (_count(said, name) for name in ("width", "height", "frames"))
        return Rendering(format, width, height, frames, placeholder, list(self._renditions.values()))

    @staticmethod
    def reason(said: Mapping[str, Any]) -> str:
        reason = said.get("reason")
        if not (isinstance(reason, str) and 0 < len(reason) <= LONGEST_REASON and reason.isprintable()):
            raise Implausible("no reason")
        return reason


def _count(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    if type(value) is not int or not 0 < value <= LARGEST:
        raise Implausible(f"no {name}")
    return value
