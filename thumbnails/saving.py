"""How much less a page loads than the original."""

from collections.abc import Iterable
from typing import NamedTuple

from django.template.defaultfilters import filesizeformat

from thumbnails.models import Rendition


class Saving(NamedTuple):
    """``loaded``: bytes of the largest size, at one device pixel, in its smallest format."""

    original: int
    loaded: int

    def __str__(self) -> str:
        return f"{filesizeformat(self.original)} → {filesizeformat(self.loaded)} ({self.percent} % saved)"

    @property
    def percent(self) -> int:
        """Negative when a small original grew."""
        return round(100 * (1 - self.loaded / self.original))


def saving(original: int, renditions: Iterable[Rendition]) -> Saving | None:
    """None until rendered."""
    plain = [each for each in renditions if each.density == 1]
    if not plain or not original:
        return None
    largest = max(each.width * each.height for each in plain)
    return Saving(original, min(each.bytes for each in plain if each.width * each.height == largest))
