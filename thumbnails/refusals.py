"""Why a picture is not taken, in sentences for its owner."""

MEGAPIXEL = 1_000_000
MEGABYTE = 1024 * 1024

DAMAGED = "The picture is damaged or cut short and cannot be read. Upload it again from its source."
UNKNOWN = "This is not a picture in JPEG, PNG, WebP, GIF or AVIF format. Save it as one of these and upload it again."
TOO_DEMANDING = "The picture needs more memory than there is. Make it smaller and upload it again."


class UnsupportedPicture(Exception):
    """This picture will never be rendered; the message is a sentence for its owner."""


def too_many_bytes(size: int, limit: int) -> str:
    return (
        f"The file has {size / MEGABYTE:.1f} MB, and at most {limit / MEGABYTE:g} MB are accepted. "
        "Make it smaller and upload it again."
    )


def too_many_pixels(size: tuple[int, int], limit: int) -> str:
    return (
        f"The picture is {size[0]} × {size[1]} pixels, and at most {limit / MEGAPIXEL:g} megapixels are accepted. "
        "Make it smaller and upload it again."
    )


def far_too_many_pixels(limit: int) -> str:
    """When the decoder gave up before it told the size."""
    return (
        f"The picture has more than the {limit / MEGAPIXEL:g} megapixels that are accepted. "
        "Make it smaller and upload it again."
    )
