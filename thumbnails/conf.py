"""The setting THUMBNAILS: what is made of every picture, and what is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings

from thumbnails.declared import declared, is_count, problems_with
from thumbnails.limits import Limits
from thumbnails.specs import Spec

LIMITS = tuple(limit.name.upper() for limit in fields(Limits))
KEYS = ("SPECS", *LIMITS)


@dataclass(frozen=True)
class Rules:
    """``specs`` in the order of the setting."""

    specs: tuple[Spec, ...]
    limits: Limits

    @classmethod
    def current(cls) -> "Rules":
        """What the settings say now; ``problems`` has checked them when the project started."""
        given: Mapping[str, Any] = settings.THUMBNAILS
        limits = Limits(**{key.lower(): given[key] for key in LIMITS if key in given})
        return cls(tuple(declared(name, spec) for name, spec in given["SPECS"].items()), limits)


def problems(given: Any) -> list[tuple[str, str]]:
    """What is wrong with the setting, as (problem, cure)."""
    if not isinstance(given, Mapping):
        return [("THUMBNAILS is not a dictionary.", f"Give it the keys {', '.join(KEYS)}.")]
    found = [
        (f"THUMBNAILS has the unknown key {key!r}.", f"Known are {', '.join(KEYS)}.") for key in given.keys() - KEYS
    ]
    specs = given.get("SPECS")
    if not isinstance(specs, Mapping) or not specs:
        found.append(("THUMBNAILS['SPECS'] names nothing to make.", "Set it like {'small': (160, 160)}."))
    else:
        found += [problem for name, spec in specs.items() for problem in problems_with(name, spec)]
    found += [
        (f"THUMBNAILS[{key!r}] is {given[key]!r}.", "Set it to a whole number above 0, or leave it out.")
        for key in LIMITS
        if key in given and not is_count(given[key])
    ]
    return found
