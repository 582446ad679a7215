"""What may travel in a job: JSON that every database keeps, up to a bound."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from workers.compat import normalize_json


def normalize(value: Any, what: str, max_bytes: int) -> Any:
    """``value`` as the database will give it back: tuples become lists, keys become text, 1e16 becomes a whole number.

    ``what`` names it in errors, such as ``argument 'photo'``. Raises TypeError for what is not JSON and ValueError
    for what a database refuses: NaN, infinities, NUL, lone surrogates, more than ``max_bytes``.
    """
    try:
        plain = normalize_json(value)
    except TypeError as error:
        raise TypeError(f"{what} cannot be stored as JSON ({error}). Pass an id, or plain values.") from None
    except ValueError as error:
        raise ValueError(f"{what} cannot be stored as JSON ({error}). Decode the bytes, or pass an id.") from None
    except RecursionError:
        raise ValueError(f"{what} is nested too deeply to be stored. Pass an id.") from None
    try:
        encoded = json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()
        stored = json.loads(encoded, parse_float=_exact)
    except (ValueError, RecursionError):
        raise ValueError(f"{what} holds {_culprit(plain) or 'a value JSON cannot hold'}.") from None
    if b"\\u0000" in encoded and (found := _culprit(plain)):
        raise ValueError(f"{what} holds {found}.")
    if len(encoded) > max_bytes:
        raise ValueError(
            f"{len(encoded):,} bytes of JSON for {what} are more than the {max_bytes:,} that MAX_BYTES allows. "
            "Store it and pass an id."
        )
    return stored


def normalize_arguments(
    args: Sequence[Any], kwargs: Mapping[str, Any], max_bytes: int
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments as JSON. The bound holds for all of them together."""
    try:
        args = normalize(list(args), "the arguments", max_bytes)
        kwargs = normalize(dict(kwargs), "the keyword arguments", max_bytes)
        normalize([args, kwargs], "the arguments", max_bytes)
    except (TypeError, ValueError):
        # Only now is it worth the time to find out which one it was.
        for number, value in enumerate(args, 1):
            normalize(value, f"argument {number}", max_bytes)
        for name, value in kwargs.items():
            normalize({name: value}, f"argument {name!r}", max_bytes)
        raise
    return list(args), dict(kwargs)


def printable(text: str) -> str:
    """``text`` without what a database's text column refuses, for tracebacks and messages."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def _exact(text: str) -> float | int:
    # PostgreSQL writes numbers out in digits, so what Python writes with an exponent would come back as an int.
    number = float(text)
    return int(number) if abs(number) >= 1e16 else number


def _culprit(value: Any) -> str | None:
    match value:
        case str():
            if "\x00" in value:
                return "a NUL character, which databases refuse"
            if any("\ud800" <= character <= "\udfff" for character in value):
                return "a lone surrogate, which is no text"
        case float() if not math.isfinite(value):
            return f"{value}, which JSON cannot hold"
        case dict():
            return next(filter(None, (_culprit(part) for pair in value.items() for part in pair)), None)
        case list():
            return next(filter(None, map(_culprit, value)), None)
    return None
