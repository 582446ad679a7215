"""What a decoder says is checked as if an attacker had said it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnails.decoding import wire
from thumbnails.decoding.checked import Answers, Implausible
from thumbnails.specs import Spec

SPEC = Spec("small", 60, 60, formats=("webp", "jpeg"), densities=(1, 2))
JPEG = b"\xff\xd8\xff"
RENDERED = {"name": "small", "format": "jpeg", "density": 1, "width": 60, "height": 45}
DONE = {"format": "png", "width": 400, "height": 300, "frames": 1, "placeholder": "data:image/webp;base64,AA=="}
ODD: list[Any] = [None, True, -1, 0, 1.5, 2**40, "", "no such", [], {}, ["small"]]


def answers() -> Answers:
    return Answers([SPEC], (0.5, 0.5))


def refuses(said: dict[str, Any], content: bytes = JPEG) -> bool:
    try:
        answers().rendered(said, content)
    except Implausible:
        return True
    return False


def test_what_was_asked_for_is_taken_and_its_hash_is_our_own():
    gathered = answers()
    made = gathered.rendered(RENDERED | {"spec_hash": "theirs"}, JPEG)
    assert made.spec_hash == SPEC.hash("jpeg", (0.5, 0.5))
    assert gathered.done(DONE).renditions == [made]


@pytest.mark.parametrize("name", RENDERED)
def test_a_rendition_that_is_oddly_described_is_refused(name: str):
    accepted = [odd for odd in ODD if not refuses(RENDERED | {name: odd})]
    # 1 == True, and JSON knows both.
    assert accepted in ([], [True]) if name == "density" else accepted == []
    assert refuses({key: value for key, value in RENDERED.items() if key != name})


def test_a_rendition_that_was_not_asked_for_is_refused():
    assert refuses(RENDERED | {"name": "large"})
    assert refuses(RENDERED | {"density": 3})
    assert refuses(RENDERED | {"format": "avif"}, b"\0\0\0\x1cftypavif")
    assert refuses(RENDERED | {"width": 61})
    assert not refuses(RENDERED | {"width": 120, "density": 2})


@pytest.mark.parametrize("content", [b"", b"<script>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>"])
def test_a_rendition_of_another_format_than_it_says_is_refused(content: bytes):
    assert refuses(RENDERED, content)


def test_a_rendition_told_twice_is_refused():
    gathered = answers()
    gathered.rendered(RENDERED, JPEG)
    with pytest.raises(Implausible, match="twice"):
        gathered.rendered(RENDERED, JPEG)


def test_an_end_before_all_is_rendered_is_refused():
    with pytest.raises(Implausible, match="not all"):
        answers().done(DONE)


@pytest.mark.parametrize("name", DONE)
def test_an_end_that_is_oddly_described_is_refused(name: str):
    gathered = answers()
    gathered.rendered(RENDERED, JPEG)
    for odd in [
        *ODD,
        "image/svg+xml",
        "data:text/html;base64,AA==",
        'data:image/webp;base64,AA=="onerror=',
        "A" * 5000,
    ]:
        if name == "placeholder" and odd == "":
            continue  # there may be none
        with pytest.raises(Implausible):
            gathered.done(DONE | {name: odd})


@pytest.mark.parametrize("odd", [*ODD, "x" * 501, "two\nlines", "\u202e"])
def test_a_reason_that_is_no_sentence_is_refused(odd: Any):
    if odd == "no such":
        assert Answers.reason({"reason": odd}) == odd
    else:
        with pytest.raises(Implausible):
            Answers.reason({"reason": odd})


@given(st.dictionaries(st.text(), st.integers() | st.text(), max_size=3), st.binary(max_size=50), st.integers(0, 99))
def test_a_frame_is_read_as_it_was_written_however_it_arrives(header: dict, body: bytes, cut: int):
    written = b"".join(wire.packed(header, body))
    received = bytearray(written[:cut])
    if len(received) < len(written):
        assert wire.take(received, 100) is None
    received += written[cut:] + b"next"
    assert wire.take(received, 100) == (header, body)
    assert received == b"next"


@given(st.binary(max_size=200))
def test_no_bytes_are_read_as_anything_else_than_a_frame(raw: bytes):
    try:
        frame = wire.take(bytearray(raw), 100)
    except wire.Garbled:
        return
    assert frame is None or isinstance(frame[0], dict)


def test_a_frame_too_large_or_too_deep_is_refused():
    with pytest.raises(wire.Garbled):
        wire.take(bytearray(wire.LENGTHS.pack(10, 101)), 100)
    with pytest.raises(wire.Garbled):
        wire.take(bytearray(wire.LENGTHS.pack(2**31, 0)), 100)
    deep = b"[" * 60_000
    with pytest.raises(wire.Garbled):
        wire.take(bytearray(wire.LENGTHS.pack(len(deep), 0) + deep), 100)
