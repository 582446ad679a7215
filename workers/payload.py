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
    if value is None or value is True or value is False:
        return value
    try:
        return _stored(value, what, max_bytes)
    except TypeError:
        # Bytes, or a sequence or mapping of another kind: rare, and normalizing takes five times as long.
        return _stored(_plain(value, what), what, max_bytes)


def normalize_arguments(
    args: Sequence[Any], kwargs: Mapping[str, Any], max_bytes: int
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments as JSON. The bound holds for all of them together."""
    try:
        stored_args, stored_kwargs = normalize([args, kwargs], "the arguments", max_bytes)
    except (TypeError, ValueError):
        # Only now is it worth the time to find out which one it was.
        for number, value in enumerate(args, 1):
            normalize(value, f"argument {number}", max_bytes)
        for name, value in kwargs.items():
            normalize({name: value}, f"argument {name!r}", max_bytes)
        raise
    return stored_args, stored_kwargs


def printable(text: str) -> str:
    """``text`` without what a database's text column refuses, for tracebacks and messages."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def _plain(value: Any, what: str) -> Any:
    try:
        return normalize_json(value)
    except TypeError as error:
        raise TypeError(f"{what} cannot be stored as JSON ({error}). Pass an id, or plain values.") from None
    except ValueError as error:
        raise ValueError(f"{what} cannot be stored as JSON ({error}). Decode the bytes, or pass an id.") from None
    except RecursionError:
        raise ValueError(_too_deep(what)) from None


def _stored(value: Any, what: str, max_bytes: int) -> Any:
    """Raises TypeError for what is not yet JSON."""
    try:
        text = encode(value)
        encoded = text.encode()
        stored = decode(text)
    except RecursionError:
        raise ValueError(_too_deep(what)) from None
    except ValueError:
        raise ValueError(f"{what} holds {_culprit(value) or 'a value JSON cannot hold'}.") from None
    if b"\\u0000" in encoded and (found := _culprit(value)):
        raise ValueError(f"{what} holds {found}.")
    if len(encoded) > max_bytes:
        raise ValueError(
            f"{len(encoded):,} bytes of JSON for {what} are more than the {max_bytes:,} that MAX_BYTES allows. "
            "Store it and pass an id."
        )
    return stored


def _too_deep(what: str) -> str:
    return f"{what} is nested too deeply to be stored. Pass an id."


def _exact(text: str) -> float | int:
    # PostgreSQL writes numbers out in digits, so what Python writes with an exponent would come back as an int.
    number = float(text)
    return int(number) if abs(number) >= 1e16 else number


# Made once: json.dumps and json.loads build one for each call that has options. Without the check for circles, which
# the depth finds too.
encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
decode = json.JSONDecoder(parse_float=_exact).decode


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
        case list() | tuple():
            return next(filter(None, map(_culprit, value)), None)
    return None
