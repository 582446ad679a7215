"""Values as they are shown."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from workers.models import JobState
from workers.presence import Presence

NOTHING = "–"
TONE_OF = {
    JobState.SUCCESSFUL: "good",
    JobState.FAILED: "bad",
    JobState.DISCARDED: "bad",
    JobState.CANCELLED: "quiet",
    Presence.ALIVE: "good",
    Presence.SILENT: "bad",
}


def coloured(state: JobState | Presence) -> SafeString:
    return format_html('<span class="state state-{}">{}</span>', TONE_OF.get(state, "wait"), state.label)


def block(text: str) -> SafeString:
    return format_html("<pre>{}</pre>", text)


def json_block(value: Any) -> SafeString:
    return block(json.dumps(value, indent=2, ensure_ascii=False))


def moment(field: str, description: Any) -> Callable[..., str]:
    """A column with the time in ``field`` to the second: the admin's own says only the minute."""

    @admin.display(description=description)
    def column(self: Any, row: Any) -> str:
        time = getattr(row, field)
        if time is None:
            return NOTHING
        return format_html('<span class="one-line">{}</span>', date_format(localtime(time), "Y-m-d H:i:s"))

    return column


def spelled(time: timedelta) -> str:
    """0.25 s, 42 s, 3 min 5 s, 2 h 4 min, 3 d 4 h."""
    seconds = max(0.0, time.total_seconds())
    if seconds < 10:
        return f"{seconds:.2f} s"
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} {seconds % size // part:.0f} {smaller}"
    return f"{seconds:.0f} s"


def briefly(seconds: float | None) -> str:
    """As ``spelled``, with thousandths for what is short: 4 ms, 0.25 s, 3 min 5 s. None: –."""
    if seconds is None:
        return NOTHING
    return f"{seconds * 1000:.0f} ms" if 0 < seconds < 0.1 else spelled(timedelta(seconds=seconds))
