"""How an animation runs, whichever format tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

# Browsers show a frame that asks for less than twenty milliseconds for a hundred.
SHORTEST, INSTEAD = 20, 100
MOST_PLAYS = 65_535


@dataclass(frozen=True)
class Motion:
    """``durations``: milliseconds of each frame; ``plays``: how often all are shown, 0 for ever."""

    durations: Sequence[int]
    plays: int


def milliseconds_of(image: Image.Image) -> int:
    """Of the frame it stands at, once that is loaded."""
    told = int(image.info.get("duration", 0))
    return told if told >= SHORTEST else INSTEAD


def plays_of(image: Image.Image) -> int:
    loop = image.info.get("loop")
    if image.format == "WEBP":
        return int(loop or 0)
    # A GIF counts the repetitions, and shows itself once when it tells none.
    return 1 if loop is None else loop and min(loop + 1, MOST_PLAYS)


def gif_loop(plays: int) -> dict[str, int]:
    return {} if plays == 1 else {"loop": max(plays - 1, 0)}
