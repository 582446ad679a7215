"""Where the pixels of a rendition come from: pure geometry, in pixels of the upright original."""

from dataclasses import dataclass

from thumbnails.specs import Mode, Spec

Size = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """``part``: left, top, right and bottom of what is shown of the original; ``size``: what it is scaled to;
    ``canvas``: the size of the rendition, larger than ``size`` where the picture is padded."""

    part: tuple[float, float, float, float]
    size: Size
    canvas: Size

    @property
    def scale(self) -> float:
        left, top, right, bottom = self.part
        return max(self.size[0] / (right - left), self.size[1] / (bottom - top))

    def whole(self, original: Size) -> Size:
        """The size of all of the original when its part has ``size``; never enlarged."""
        left, top, right, bottom = self.part
        width, height = (
            max(1, round(all_of_it * scaled / shown))
            for all_of_it, scaled, shown in zip(original, self.size, (right - left, bottom - top), strict=True)
        )
        return min(original[0], width), min(original[1], height)


def lay_out(spec: Spec, density: float, original: Size, focal: tuple[float, float]) -> Layout:
    """``focal`` is kept as near to the middle of what is shown as the picture's edges allow."""
    box = _box(spec, density)
    width, height = _shown(spec, box, original)
    scale = _scale(spec, box, original)
    if not spec.upscale:
        scale = min(scale, 1.0)
    size = _scaled(width, scale, box[0]), _scaled(height, scale, box[1])
    left = _kept_inside(focal[0] * original[0] - width / 2, original[0] - width)
    top = _kept_inside(focal[1] * original[1] - height / 2, original[1] - height)
    return Layout((left, top, left + width, top + height), size, box if spec.mode is Mode.PAD else size)


def densities_of(spec: Spec, original: Size) -> list[float]:
    """The lowest always; a higher one unless the original has too few pixels for it, or it would be the same again."""
    lowest = min(spec.densities)
    kept: dict[tuple[Size, Size], float] = {}
    for density in sorted(spec.densities):
        if density == lowest or spec.upscale or _scale(spec, _box(spec, density), original) <= 1:
            layout = lay_out(spec, density, original, (0, 0))
            kept.setdefault((layout.size, layout.canvas), density)
    return list(kept.values())


def formats_of(spec: Spec, *, transparent: bool, animated: bool) -> tuple[str, ...]:
    """Those of the spec as far as they can show the picture; where the last one cannot, PNG or GIF stands in for it."""
    *wanted, fallback = spec.formats
    if animated:
        # In WebP and GIF alone: an AVIF or JPEG beside them would be chosen by a browser, and stand still.
        return tuple(format for format in spec.formats if format == "webp") + ("gif",) * (fallback != "webp")
    if fallback == "jpeg" and transparent and not is_flattened(spec):
        fallback = "png"
    return (*(format for format in wanted if format != fallback), fallback)


def is_flattened(spec: Spec) -> bool:
    return spec.flatten or spec.mode is Mode.PAD


def _box(spec: Spec, density: float) -> Size:
    return round(spec.width * density), round(spec.height * density)


def _shown(spec: Spec, box: Size, original: Size) -> tuple[float, float]:
    """The size of the part of the original that is shown."""
    if spec.mode is not Mode.COVER:
        return original
    return min(original[0], original[1] * box[0] / box[1]), min(original[1], original[0] * box[1] / box[0])


def _scale(spec: Spec, box: Size, original: Size) -> float:
    scales = box[0] / original[0], box[1] / original[1]
    return max(scales) if spec.mode is Mode.COVER else min(scales)


def _scaled(side: float, scale: float, longest: int) -> int:
    return min(longest, max(1, round(side * scale)))


def _kept_inside(start: float, room: float) -> float:
    return min(max(start, 0.0), room)
