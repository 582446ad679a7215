"""The decoder's process, started by decoder.py: ``python -m thumbnails.decoding.program``.

Knows no Django, no settings and no environment, so there is nothing in it to be stolen but the pictures it reads.

Reads requests from stdin and answers on what was its stdout. Ends when stdin ends, in the midst of a picture too: so it
does not outlive its worker, however that one ended.
"""

import os
from collections.abc import Callable
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from PIL import Image, ImageCms

from thumbnails.decoding import sandbox, wire
from thumbnails.limits import Limits
from thumbnails.reading import READ
from thumbnails.rendering import Rendered, UnsupportedPicture, render
from thumbnails.specs import Mode, Spec

Answer = Callable[[dict[str, Any], bytes], None]


def main() -> None:
    requests, answers = _pipes()
    warm_up()
    sandbox.shut_in()

    def answer(header: dict[str, Any], body: bytes = b"") -> None:
        for part in wire.packed(header, body):
            answers.write(part)
        answers.flush()

    answer({"kind": "ready"})
    waiting: SimpleQueue[wire.Frame] = SimpleQueue()
    Thread(target=_read, args=(requests, waiting), daemon=True).start()
    while True:
        serve(*waiting.get(), answer)


def serve(asked: dict[str, Any], content: bytes, answer: Answer) -> None:
    """One picture: ``rendered`` for each rendition with its bytes, and at the end ``done`` or ``refused``."""
    limits = Limits(**asked["limits"])
    sandbox.allow(limits)

    def tell(rendered: Rendered) -> None:
        header = {name: getattr(rendered, name) for name in ("name", "format", "density", "width", "height")}
        answer({"kind": "rendered"} | header, rendered.content)

    try:
        made = render(content, [_spec(each) for each in asked["wanted"]], tuple(asked["focal"]), limits, tell)
    except UnsupportedPicture as refusal:
        exhausted = isinstance(refusal.__cause__, MemoryError)
        answer({"kind": "exhausted" if exhausted else "refused", "reason": str(refusal)}, b"")
    else:
        header = {name: getattr(made, name) for name in ("format", "width", "height", "frames", "placeholder")}
        answer({"kind": "done"} | header, b"")


def warm_up() -> None:
    """Import now what would be imported later, when no file can be opened any more."""
    Image.init()
    for name in ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le"):
        "".encode(name)
    spec = Spec("warm", 2, 2, Mode.COVER, ("avif", "webp", "png", "jpeg"))
    for format in set(READ) & set(Image.SAVE):
        for mode in ("RGB", "RGBA") if format in ("PNG", "WEBP") else ("RGB",):
            for frames in (1, 2) if format in ("WEBP", "GIF") else (1,):
                render(_tiny(format, mode, frames), [spec], (0.5, 0.5), Limits())


def _tiny(format: str, mode: str, frames: int) -> bytes:
    written = BytesIO()
    pictures = [Image.new(mode, (4, 4), colour) for colour in ("red", "blue")[:frames]]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    moving: dict[str, Any] = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(written, format, icc_profile=profile, exif=Image.Exif(), **moving)
    return written.getvalue()


def _spec(given: dict[str, Any]) -> Spec:
    lists = {name: tuple(given[name]) for name in ("formats", "densities")}
    return Spec(**given | lists | {"mode": Mode(given["mode"])})


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Away from the numbers that libraries know: what they print is no answer."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _read(requests: BinaryIO, waiting: "SimpleQueue[wire.Frame]") -> None:
    """Reads on while a picture is rendered, to notice at once that the worker has gone."""
    while prefix := requests.read(wire.LENGTHS.size):
        header, body = wire.LENGTHS.unpack(prefix)
        waiting.put((wire.header_in(requests.read(header)), requests.read(body)))
    os._exit(0)


if __name__ == "__main__":
    main()
