"""The work on the queue ``thumbnailer``."""

from dataclasses import replace
from uuid import UUID

from thumbnails import originals, recording, sharing
from thumbnails.conf import Rules
from thumbnails.currency import Told
from thumbnails.decoding.apart import render_apart
from thumbnails.models import Picture
from thumbnails.recording import Making
from thumbnails.registry import specs_of
from thumbnails.rendering import Rendering, UnsupportedPicture
from thumbnails.sharing import SourceGone
from thumbnails.specs import Spec
from workers import Cancelled, Discard, task
from workers.context import TaskContext

TIMEOUT = 300
"""Seconds: for two tries at rendering of MAX_SECONDS each, and for the storage."""


@task(queue_name="thumbnailer", max_attempts=5, timeout=TIMEOUT, takes_context=True)
def make_thumbnails(context: TaskContext, picture_id: str) -> None:
    """Render what the picture lacks of its specs, and drop what no spec asks for any more; a second run does nothing.

    What was made before of the same content is taken over instead. Discards a picture that cannot be rendered, after
    writing the reason on its row. What the storage raises passes through, and is tried again.
    """
    picture = Picture.objects.filter(pk=UUID(picture_id)).first()
    if picture is None:
        return  # deleted meanwhile
    wanted = specs_of(picture)
    if wanted is None or (picture.rendered_at and recording.is_complete(picture, wanted)):
        return
    try:
        _make_what_lacks(context, picture, wanted)
    except UnsupportedPicture as refusal:
        Picture.objects.filter(pk=picture.pk, rendered_at=None).update(error=str(refusal))
        raise Discard(str(refusal)) from refusal
    except FileNotFoundError:
        if Picture.objects.filter(pk=picture.pk).exists():
            raise


def _make_what_lacks(context: TaskContext, picture: Picture, wanted: tuple[Spec, ...]) -> None:
    content = originals.read(picture, Rules.current().limits.max_bytes)
    making = recording.begin(picture, wanted, content)
    try:
        _make(context, replace(making, shared=sharing.find(making.digest, making.lacking, picture.focal)), content)
    except SourceGone:
        _make(context, making, content)


def _make(context: TaskContext, making: Making, content: bytes) -> None:
    specs = making.to_render
    steps = Steps(context, 2 * sum(len(spec.formats) * len(spec.densities) for spec in specs))
    if specs:
        rendering = _render(context, making.of, content, specs, steps)
        making = replace(making, told=Told.by(rendering), rendered=rendering.renditions)
    else:
        making = replace(making, told=making.shared.told)
    recording.keep(making, lambda rendered: steps.take(f"stored {rendered.name}, {rendered.format}"))


def _render(context: TaskContext, picture: Picture, content: bytes, specs: list[Spec], steps: "Steps") -> Rendering:
    return render_apart(
        content,
        specs,
        picture.focal,
        Rules.current().limits,
        on_rendered=lambda rendered: steps.take(f"rendered {rendered.name}, {rendered.format}"),
        on_wait=lambda: stop_when_called_off(context),
    )


def stop_when_called_off(context: TaskContext) -> None:
    """Raises Cancelled: for when one rendition takes long, and none is there to be told of."""
    if context.cancelled:
        raise Cancelled("cancelled while it was rendered")


class Steps:
    """The task's progress: each rendition is one step to render and one to store."""

    def __init__(self, context: TaskContext, total: int) -> None:
        self._context, self._total, self._done = context, total, 0
        # None where everything is taken over from a picture of the same content.
        if total:
            context.progress(0, total, "reading the picture")

    def take(self, note: str) -> None:
        # A second try tells of renditions that the first has told of.
        self._done = min(self._done + 1, self._total)
        self._context.progress(self._done, self._total, note)
