"""``render`` in another process, which may die of the picture without taking this one along."""

import atexit
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from threading import Lock

from thumbnails.decoding import wire
from thumbnails.decoding.checked import Answers, Implausible
from thumbnails.decoding.decoder import Decoder, DecoderEnded, DecoderHung
from thumbnails.limits import Limits
from thumbnails.refusals import TOO_DEMANDING, UnsupportedPicture, too_many_bytes
from thumbnails.rendering import Rendered, Rendering
from thumbnails.specs import Spec

logger = logging.getLogger(__name__)

BROKE_OFF = (
    "The picture cannot be read: decoding it broke off, twice. It may be damaged. Save it again, in another "
    "program or format, and upload that."
)
TRIES = 2


class Exhausted(DecoderEnded):
    """It had not enough memory; a fresh one may have."""


def too_slow(seconds: float) -> str:
    return f"Rendering the picture took longer than {seconds:g} seconds. Make it smaller and upload it again."


class Pool:
    """Decoders that wait for the next picture: one for each that was rendered at the same time, as far as there are
    processors. Thread-safe."""

    def __init__(self, most_idle: int) -> None:
        self._most_idle = most_idle
        self._idle: list[Decoder] = []
        self._lock = Lock()

    @property
    def idle(self) -> list[Decoder]:
        return list(self._idle)

    def borrow(self) -> Decoder:
        """Raises NoDecoder."""
        while True:
            with self._lock:
                decoder = self._idle.pop() if self._idle else None
            if decoder is None:
                return Decoder()
            if not decoder.is_worn:
                return decoder
            decoder.end()

    def give_back(self, decoder: Decoder) -> None:
        with self._lock:
            kept = len(self._idle) < self._most_idle and not decoder.is_worn
            if kept:
                self._idle.append(decoder)
        if not kept:
            decoder.end()

    def close(self) -> None:
        """End all that wait. The pool can be used again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for decoder in idle:
            decoder.end()


pool = Pool(os.cpu_count() or 1)
atexit.register(pool.close)


def render_apart(
    content: bytes,
    wanted: Sequence[Spec],
    focal: tuple[float, float],
    limits: Limits,
    on_rendered: Callable[[Rendered], None] = lambda rendered: None,
    on_wait: Callable[[], None] = lambda: None,
) -> Rendering:
    """As ``render``, for at most ``limits.max_seconds`` for each of two tries: when a decoder crashes, hangs or has not
    enough memory, a fresh one tries once more, and then the picture is refused. ``on_rendered`` may hear of a
    rendition twice.

    ``on_wait`` is called ten times a second. What the two raise passes through, and so does what is thrown into this
    thread from outside; the decoder is killed then. Raises NoDecoder when none can be started.
    """
    if len(content) > limits.max_bytes:
        raise UnsupportedPicture(too_many_bytes(len(content), limits.max_bytes))
    for tries_left in reversed(range(TRIES)):
        decoder = pool.borrow()
        try:
            rendering = _ask(decoder, content, wanted, focal, limits, on_rendered, on_wait)
        except UnsupportedPicture:
            pool.give_back(decoder)
            raise
        except DecoderEnded as error:
            decoder.end()
            logger.warning("A decoder ended over a picture of %d bytes: %s", len(content), error)
            if not tries_left:
                raise UnsupportedPicture(_sentence(error, limits)) from error
            # The next one is fresh: what has rendered other pictures might have been spoilt by them.
            pool.close()
        except BaseException:
            with suppress(OSError):
                decoder.end()
            raise
        else:
            pool.give_back(decoder)
            return rendering
    raise AssertionError("unreachable")


def _ask(
    decoder: Decoder,
    content: bytes,
    wanted: Sequence[Spec],
    focal: tuple[float, float],
    limits: Limits,
    on_rendered: Callable[[Rendered], None],
    on_wait: Callable[[], None],
) -> Rendering:
    answers = Answers(wanted, focal)
    asked = {"wanted": [asdict(spec) for spec in wanted], "focal": list(focal), "limits": asdict(limits)}
    parts = wire.packed(asked, content)
    try:
        for said, body in decoder.ask(parts, limits.max_seconds, on_wait):
            match said.get("kind"):
                case "rendered":
                    on_rendered(answers.rendered(said, body))
                case "done":
                    return answers.done(said)
                case "refused":
                    raise UnsupportedPicture(answers.reason(said))
                case "exhausted":
                    raise Exhausted(TOO_DEMANDING)
                case _:
                    raise Implausible("no kind")
    except Implausible as error:
        raise DecoderEnded(f"its answer was implausible: {error}") from error
    raise AssertionError("unreachable")


def _sentence(error: DecoderEnded, limits: Limits) -> str:
    if isinstance(error, Exhausted):
        return TOO_DEMANDING
    return too_slow(limits.max_seconds) if isinstance(error, DecoderHung) else BROKE_OFF
