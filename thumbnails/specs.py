"""What is made of every picture: one spec for each use of it on a page."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Raised when the same spec comes to mean other pixels, so that what was made before counts as outdated.
MADE_BY = 1


class Mode(StrEnum):
    FIT = "fit"
    """The whole picture, neither side exceeded."""
    COVER = "cover"
    """The box filled, the rest cut away around the focal point."""
    PAD = "pad"
    """The whole picture in the middle of the box, the rest filled with ``background``."""


@dataclass(frozen=True)
class Spec:
    """``width`` and ``height`` in CSS pixels; each of ``densities`` multiplies them.

    ``formats``: from the most wanted to the one every browser reads, which stands last. A last ``jpeg`` becomes
    ``png`` for a picture with transparency, unless ``flatten`` puts it on ``background``. ``quality``: format -> 1 to
    100 where the default does not suit. ``upscale``: whether a picture smaller than the box is enlarged.
    """

    name: str
    width: int
    height: int
    mode: Mode = Mode.FIT
    formats: tuple[str, ...] = ("webp", "jpeg")
    quality: Mapping[str, int] = field(default_factory=dict)
    densities: tuple[float, ...] = (1,)
    upscale: bool = False
    background: str = "#ffffff"
    flatten: bool = False

    def hash(self, format: str, focal: tuple[float, float]) -> str:
        """Of everything that decides the pixels: a rendition with another hash is outdated. The focal point counts
        only where something is cut away; name and densities do not, for they tell renditions apart already."""
        decides = vars(self) | {
            "mode": self.mode.value, "format": format, "quality": self.quality.get(format), "made_by": MADE_BY
        }  # fmt: skip
        del decides["name"], decides["formats"], decides["densities"]
        if self.mode is Mode.COVER:
            decides["focal"] = [round(part, 4) for part in focal]
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]
