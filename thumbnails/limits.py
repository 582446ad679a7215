"""What an upload may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """``max_pixels``: of the picture, and of all frames of an animation together; one that has more, or more than
    ``max_frames``, is shown by its first frame. ``max_seconds`` is kept by whoever runs ``render``: a decoder cannot
    be interrupted from inside."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_frames: int = 200
    max_seconds: int = 60
