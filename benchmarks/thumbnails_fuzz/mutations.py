"""Ways to break a file, each told by a few numbers, so that what was found can be made again."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

STEPS = 24
"""Cuts, and flips, that every file gets at even distances, before chance takes over."""
EXTREMES = [0, 1, 0x7F, 0x80, 0xFF]
WIDE_EXTREMES = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 0x10000]

Mutant = tuple[str, bytes]


def systematic(content: bytes) -> Iterator[Mutant]:
    """Cut short everywhere, and one bit flipped everywhere."""
    for step in range(STEPS):
        at = len(content) * step // STEPS
        yield f"cut at {at}", content[:at]
        yield f"bit {step % 8} of {at} flipped", flipped(content, at, step % 8)


def by_chance(content: bytes, others: Sequence[bytes], chance: random.Random) -> Mutant:
    """One to four breakages, one after the other."""
    told = []
    for _ in range(chance.randint(1, 4)):
        how = chance.choice(WAYS)
        content = how(content or b"\0", others, chance)
        told.append(how.__name__)
    if content.startswith(b"\x89PNG") and chance.random() < 0.7:
        # With its checksums right, a broken PNG comes further.
        content = mended(content)
        told.append("mended")
    return ", ".join(told), content


def flipped(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :]


def flip(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    return flipped(content, _place(content, chance), chance.randrange(8))


def extreme(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + bytes([chance.choice(EXTREMES)]) + content[at + 1 :]


def wide_extreme(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    at, order = _place(content, chance), chance.choice("<>")
    return content[:at] + struct.pack(f"{order}I", chance.choice(WIDE_EXTREMES)) + content[at + 4 :]


def cut(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    return content[: _place(content, chance)]


def remove(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + content[at + chance.randint(1, 64) :]


def repeat(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    at, length = _place(content, chance), chance.randint(1, 256)
    return content[:at] + content[at : at + length] * chance.randint(2, 30) + content[at:]


def splice(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    return content[: _place(content, chance)] + other[_place(other, chance) :]


def nest(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.choice(others) + content[at:]


WAYS: list[Callable[[bytes, Sequence[bytes], random.Random], bytes]] = [
    flip, flip, extreme, extreme, wide_extreme, wide_extreme, cut, remove, repeat, splice, nest
]  # fmt: skip


def mended(content: bytes) -> bytes:
    """The chunks of a PNG with the checksums they should have, as far as they can be told apart."""
    mended, at = bytearray(content[:8]), 8
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        body = content[at + 4 : at + 8 + length]
        mended += content[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return bytes(mended)


def _place(content: bytes, chance: random.Random) -> int:
    """Headers and tables stand at the beginning: half of the breakages go there."""
    most = len(content) if chance.random() < 0.5 else min(len(content), 200)
    return chance.randrange(max(1, most))
