"""What everybody has to do: five renditions of a photo, in the same sizes, with the same settings of the encoder."""

SIDES = (1280, 960, 640, 320, 160)
QUALITY = {"jpeg": 82, "webp": 80, "avif": 60}
# Progressive, which is what is worth its time on a page.
PILLOW = {
    "jpeg": {"quality": QUALITY["jpeg"], "optimize": True, "progressive": True},
    "webp": {"quality": QUALITY["webp"], "method": 4},
    "avif": {"quality": QUALITY["avif"], "speed": 8},
}
