"""Where a click on a picture can set its focal point."""

from typing import NamedTuple

from thumbnails.conf import Rules
from thumbnails.markup import READ_EVERYWHERE
from thumbnails.models import Picture, Rendition
from thumbnails.specs import Mode, Spec

LONGEST_SIDE = 288
"""CSS pixels. Without a script nobody tells how wide a picture is shown, so it is never shrunk: a phone has room."""


class Aim(NamedTuple):
    """The picture as it is shown to be clicked on, in CSS pixels; ``left`` and ``top`` in percent."""

    rendition: Rendition
    width: int
    height: int
    left: float
    top: float


def aim_of(picture: Picture) -> Aim | None:
    """None while there is nothing to click on, and where nothing is ever cut away."""
    specs = {spec.name: spec for spec in Rules.current().specs}
    if not picture.width or not picture.height or not any(spec.mode is Mode.COVER for spec in specs.values()):
        return None
    readable = [each for each in picture.renditions.all() if each.format in READ_EVERYWHERE]
    whole = [each for each in readable if _shows_all(specs.get(each.name))]
    if not whole:
        return None
    scale = LONGEST_SIDE / max(picture.width, picture.height)
    width, height = (max(1, round(side * scale)) for side in (picture.width, picture.height))
    # The smallest that is sharp enough, or the largest there is.
    rendition = next((each for each in whole if each.width >= width), whole[-1])
    return Aim(rendition, width, height, round(100 * picture.focal_x, 1), round(100 * picture.focal_y, 1))


def _shows_all(spec: Spec | None) -> bool:
    return spec is not None and spec.mode is Mode.FIT
