"""The decoder's own program, with a decoder inside that does what the picture says: ``crash``, ``hang`` …

Everything else is as in production: the pipes, the limits, the answers.
"""

import errno
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from thumbnails.decoding import program
from thumbnails.refusals import TOO_DEMANDING, UnsupportedPicture
from thumbnails.rendering import render

ALLOCATED = 4 * 1024**3
"""Bytes: this machine would promise them, and the decoder may not have them."""


def misbehave(content: bytes, *rest: Any) -> Any:
    fate, _, words = content.partition(b" ")
    if fate in FATES:
        FATES[fate](words)
    return render(content, *rest)


def fault(words: bytes) -> None:
    raise RuntimeError("a fault of our own")


def spin(words: bytes) -> None:
    while True:
        pass


def sleep(words: bytes) -> None:
    time.sleep(3600)


def close(words: bytes) -> None:
    os.closerange(3, 10)
    time.sleep(3600)


def allocate(words: bytes) -> None:
    """As the renderer tells it when a decoder asks in vain."""
    try:
        bytearray(ALLOCATED)
    except MemoryError as error:
        raise UnsupportedPicture(TOO_DEMANDING) from error


def say(words: bytes) -> None:
    write(words)
    time.sleep(3600)


def look(words: bytes) -> None:
    raise UnsupportedPicture(" ".join(seen()))


FATES: dict[bytes, Callable[[bytes], None]] = {
    b"crash": lambda words: os.abort(),
    b"fault": fault,
    b"spin": spin,
    b"sleep": sleep,
    b"close": close,
    b"allocate": allocate,
    b"say": say,
    b"look": look,
}


def write(raw: bytes) -> None:
    """Past the program's own answers: on whichever pipe is not for reading."""
    for number in range(3, 10):
        try:
            os.write(number, raw)
            return
        except OSError:
            continue


def seen() -> list[str]:
    """What an attacker would find here."""
    found = sorted(os.environ) + sorted({name.partition(".")[0] for name in sys.modules} & {"django", "myproject"})
    for attempt in (lambda: os.open("/etc/passwd", os.O_RDONLY), socket.socket, lambda: os.listdir("/")):
        try:
            attempt()
            found.append("opened")
        except OSError as error:
            found.append(errno.errorcode[error.errno or 0])
    return found


if __name__ == "__main__":
    vars(program)["render"] = misbehave
    program.main()
