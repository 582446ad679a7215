"""How many live pages one user may have."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from workers.live.crowd import DEFAULT_MOST, most_sockets


@register
def check_live_sockets(**kwargs: Any) -> list[CheckMessage]:
    most = most_sockets()
    if isinstance(most, int) and not isinstance(most, bool) and most >= 1:
        return []
    return [
        Error(
            f"WORKERS_LIVE_SOCKETS is {most!r}: so many live pages no user can have.",
            hint=f"Set it to a whole number from 1 up, or leave it out, which means {DEFAULT_MOST}.",
            id="workers.E011",
        )
    ]
