"""What may travel in a job, and the sentence for what may not."""

import enum
import json
from datetime import datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tasks import echo
from workers.models import Job
from workers.payload import normalize, normalize_arguments, printable

LIMIT = 1024


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ((1, (2, 3)), [1, [2, 3]]),
        (range(3), [0, 1, 2]),
        (b"caf\xc3\xa9", "café"),
        ({2: "a", None: "b", True: "c", 1.5: "d"}, {"2": "a", "null": "b", "true": "c", "1.5": "d"}),
        ({b"key": b"value"}, {"key": "value"}),
        (Colour.RED, 1),
        ("\\u0000", "\\u0000"),
        ("🦜 ﷽ \u2028", "🦜 ﷽ \u2028"),
        (1e16, 10**16),
        (-1e300, -int(1e300)),
        (0.1, 0.1),
        (None, None),
    ],
)
def test_plain_values_become_what_the_database_will_give_back(value, kept):
    plain = normalize(value, "it", LIMIT)
    assert plain == kept
    assert type(plain) is type(kept)


@pytest.mark.parametrize("value", [object(), {1, 2}, datetime(2030, 1, 1), uuid4(), {(1, 2): 3}, 1j, lambda: None])
def test_what_is_not_json_is_refused_with_the_cure(value):
    with pytest.raises(TypeError, match=r"argument 'photo' cannot be stored as JSON .* Pass an id, or plain values"):
        normalize([value], "argument 'photo'", LIMIT)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (b"\xff", r"cannot be stored as JSON .* Decode the bytes, or pass an id\."),
        ("a\x00b", "holds a NUL character, which databases refuse"),
        ("\ud800", "holds a lone surrogate, which is no text"),
        (float("nan"), "holds nan, which JSON cannot hold"),
        (float("inf"), "holds inf, which JSON cannot hold"),
        (float("-inf"), "holds -inf, which JSON cannot hold"),
        (10**5000, "holds a value JSON cannot hold"),
    ],
    ids=["bytes", "nul", "surrogate", "nan", "inf", "-inf", "long"],
)
@pytest.mark.parametrize(
    "wrap", [lambda v: v, lambda v: [1, [v]], lambda v: {"a": {"b": (v,)}}], ids=["bare", "list", "dict"]
)
def test_what_a_database_refuses_is_refused_however_deep_it_lies(wrap, value, sentence):
    with pytest.raises(ValueError, match=f"argument 'photo' {sentence}"):
        normalize(wrap(value), "argument 'photo'", LIMIT)


@pytest.mark.parametrize("key", ["a\x00", "\ud800", float("nan")])
def test_keys_are_looked_at_too(key):
    with pytest.raises(ValueError, match=r"it holds (a NUL|a lone|nan)"):
        normalize({key: 1}, "it", LIMIT)


def test_endless_and_very_deep_values_are_refused():
    endless = []
    endless.append(endless)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for value in (endless, deep):
        with pytest.raises(ValueError, match=r"nested too deeply to be stored\. Pass an id"):
            normalize(value, "it", LIMIT)
    while deep:  # taken apart here: freeing it at once would recurse as deep
        deep = deep.pop()


def test_the_bound_counts_bytes_and_names_the_argument():
    assert normalize("x" * (LIMIT - 2), "it", LIMIT)
    with pytest.raises(ValueError, match="1,025 bytes of JSON for it are more than the 1,024 that MAX_BYTES allows"):
        normalize("x" * (LIMIT - 1), "it", LIMIT)
    with pytest.raises(ValueError, match="1,202 bytes"):
        normalize("é" * 600, "it", LIMIT)


@pytest.mark.parametrize(
    ("args", "kwargs", "named"),
    [
        ((1, object()), {}, "argument 2"),
        ((), {"photo": "\x00"}, "argument 'photo'"),
        ((1,), {"small": 1, "photo": "x" * LIMIT}, "argument 'photo'"),
        (("x" * 600,), {"photo": "y" * 600}, "the arguments"),
        ((), {"\ud800": 1}, r"argument '\\ud800'"),
    ],
)
def test_the_culprit_among_the_arguments_is_named(args, kwargs, named):
    with pytest.raises((TypeError, ValueError), match=named):
        normalize_arguments(args, kwargs, LIMIT)


def test_arguments_come_back_as_a_list_and_a_dict():
    assert normalize_arguments(((1, 2),), {"a": (3,)}, LIMIT) == ([[1, 2]], {"a": [3]})


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=20)
keys = st.text() | st.integers() | st.booleans() | st.none() | st.floats()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values)
def test_whatever_is_accepted_survives_the_database_unchanged(value):
    try:
        plain = normalize(value, "it", 256 * 1024)
    except (TypeError, ValueError):
        return
    job = Job.objects.create(task=echo.module_path, args=[plain], kwargs={"it": plain}, return_value=plain)
    job.refresh_from_db()
    assert job.args == [plain]
    assert job.kwargs == {"it": plain}
    assert job.return_value == plain


@given(values)
def test_to_normalize_twice_changes_nothing_more(value):
    try:
        once = normalize(value, "it", 256 * 1024)
    except (TypeError, ValueError):
        return
    twice = normalize(once, "it", 256 * 1024)
    assert twice == once
    assert json.dumps(twice) == json.dumps(once)


@given(st.text(st.characters(codec=None) | st.sampled_from("\x00\ud800\udfff")))
def test_printable_text_is_utf8_without_nul(text):
    assert b"\x00" not in printable(text).encode()


def test_printable_keeps_ordinary_text_and_shows_what_it_replaces():
    assert printable("plain — café") == "plain — café"
    assert printable("a\x00b\ud800") == "a\\x00b\\ud800"
