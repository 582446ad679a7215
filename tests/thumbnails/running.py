"""Makes a picture's thumbnails here and now, without a job."""

from dataclasses import replace
from typing import Any, cast

from thumbnails import recording
from thumbnails.conf import Rules
from thumbnails.currency import Told
from thumbnails.models import Picture
from thumbnails.recording import Making
from thumbnails.rendering import render
from thumbnails.tasks import make_thumbnails
from workers.context import TaskContext


def make(picture_id: Any) -> None:
    # Without a handle to a job its progress goes nowhere.
    make_thumbnails.call(TaskContext(task_result=cast(Any, None)), str(picture_id))


def keep_late(picture: Picture, content: bytes) -> None:
    """Record what a run made that had begun before any other."""
    recording.keep(made_of(picture, content))


def made_of(picture: Picture, content: bytes) -> Making:
    """What a run has made and not yet recorded."""
    rules = Rules.current()
    rendering = render(content, rules.specs, picture.focal, rules.limits)
    making = recording.begin(picture, rules.specs, content)
    return replace(making, told=Told.by(rendering), rendered=rendering.renditions)
