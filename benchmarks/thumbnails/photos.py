"""Photos made here: of every scale of detail, as a camera's are, and so of about a camera's size in bytes."""

import random
from pathlib import Path

from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageOps

TWELVE_MEGAPIXELS = (4000, 3000)
EIGHTY_MEGAPIXELS = (10_328, 7_746)
NOISE = ((1, 18), (3, 25), (12, 35), (60, 50))


def photos(folder: Path, number: int) -> list[Path]:
    """Made once, and no two alike: what has been rendered before may be known again."""
    return [_kept(folder / f"photo-{index}.jpg", TWELVE_MEGAPIXELS, index) for index in range(number)]


def large_photo(folder: Path) -> Path:
    return _kept(folder / "large.jpg", EIGHTY_MEGAPIXELS, 80)


def _kept(path: Path, size: tuple[int, int], seed: int) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = Image.Exif()
        taken[ExifTags.Base.Model] = "none"
        unfinished = path.with_suffix(".part")
        _scene(size, seed).save(unfinished, "JPEG", quality=92, exif=taken)
        unfinished.rename(path)
    return path


def _scene(size: tuple[int, int], seed: int) -> Image.Image:
    chance = random.Random(seed)
    image = ImageOps.colorize(
        Image.linear_gradient("L").resize(size), *(f"hsl({chance.randrange(360)}, 50%, {light}%)" for light in (20, 80))
    )
    for grain, strength in NOISE:
        small = max(1, size[0] // grain), max(1, size[1] // grain)
        grey = Image.effect_noise(small, strength).resize(size, Image.Resampling.BICUBIC)
        image = ImageChops.add(image, Image.merge("RGB", (grey, grey, grey)), 1, -128)
    drawn = ImageDraw.Draw(image)
    for _ in range(120):
        x, y, side = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(20, size[1] // 6)
        colour = tuple(chance.randrange(256) for _ in range(3))
        drawn.rectangle((x, y, x + side, y + side // 2), colour, tuple(255 - part for part in colour), 3)
    return image
