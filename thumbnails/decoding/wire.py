"""What a worker and its decoder say to each other: two lengths, a JSON header, and a body of bytes.

Nothing here can run code while it is read. Whoever reads gives the most it will take.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

LENGTHS = struct.Struct(">II")
LONGEST_HEADER = 64 * 1024

Frame = tuple[dict[str, Any], bytes]


class Garbled(Exception):
    """Not in this form, or larger than it may be."""


def packed(header: Mapping[str, Any], body: bytes = b"") -> list[bytes]:
    """In parts, so that a large body is not copied."""
    written = json.dumps(header).encode()
    return [LENGTHS.pack(len(written), len(body)) + written, body]


def lengths(prefix: bytes, longest_body: int) -> tuple[int, int]:
    """Of header and body. Raises Garbled."""
    header, body = LENGTHS.unpack(prefix)
    if header > LONGEST_HEADER or body > longest_body:
        raise Garbled(f"a header of {header} and a body of {body} bytes are announced")
    return header, body


def header_in(written: bytes) -> dict[str, Any]:
    """Raises Garbled."""
    try:
        header = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise Garbled("the header is no JSON") from error
    if not isinstance(header, dict):
        raise Garbled("the header is no object")
    return header


def take(received: bytearray, longest_body: int) -> Frame | None:
    """The first frame, removed from what was received; None while it is incomplete. Raises Garbled."""
    if len(received) < LENGTHS.size:
        return None
    header, body = lengths(bytes(received[: LENGTHS.size]), longest_body)
    begins, ends = LENGTHS.size + header, LENGTHS.size + header + body
    if len(received) < ends:
        return None
    frame = header_in(bytes(received[LENGTHS.size : begins])), bytes(received[begins:ends])
    del received[:ends]
    return frame
