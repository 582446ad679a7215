"""``{% load pictures %}{% picture article.photo "card" sizes="(max-width: 40em) 100vw, 30em" alt="A harbour" %}``"""

from typing import Any

from django import template
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string

from thumbnails.fields import PictureFieldFile
from thumbnails.markup import outline, room, shown
from thumbnails.models import Picture
from thumbnails.registry import specs_of
from thumbnails.state import PictureState

register = template.Library()


@register.simple_tag
def picture(
    of: Any, *names: str, alt: str, sizes: str = "", css: str = "", loading: str = "lazy", preview: bool = True
) -> str:
    """``<picture>`` with what was made by the named specs; nothing for an empty field.

    ``of``: a Picture or the value of a PictureField. Several names need ``sizes``, and should show the same part of the
    picture. ``alt``: "" for decoration. ``css``: further classes. Until the worker is done an outline of the right
    proportions stands there, of the class ``picture-pending``; where there will be none the alt text, of the class
    ``picture-failed`` or ``picture-refused``. ``preview``: the tiny preview behind the picture while it loads, which
    needs an inline style; switch it off under a Content-Security-Policy that forbids these.
    """
    if not of:
        return ""
    if not names or (len(names) > 1 and not sizes):
        raise TemplateSyntaxError(
            '{% picture %} takes one spec, {% picture photo "card" alt="…" %}, or several with sizes="…".'
        )
    if not isinstance(of, Picture | PictureFieldFile):
        raise TemplateSyntaxError(f"{{% picture %}} takes a Picture or the value of a PictureField, not {of!r:.80}.")
    found = of.picture if isinstance(of, PictureFieldFile) else of
    context: dict[str, Any] = {"alt": alt, "sizes": sizes, "css": css, "loading": loading}
    if found is not None and (there := shown(found.renditions.all(), names, by_width=bool(sizes))):
        context |= {"shown": there, "preview": found.placeholder if preview and there.opaque else ""}
    elif found is not None and (wrong := _gone_wrong(found)):
        context["wrong"] = wrong
    else:
        context["outline"] = _outline(of, found, names[0])
    return render_to_string("thumbnails/tag.html", context)


def _gone_wrong(found: Picture) -> str:
    """Empty: it is still to come."""
    if not hasattr(found, "job_state"):
        found = Picture.objects.with_state().filter(pk=found.pk).first() or found
    state = found.state if hasattr(found, "job_state") else PictureState.FAILED
    if state.is_pending or state is PictureState.READY:
        return ""
    return "refused" if state is PictureState.REFUSED else "failed"


def _outline(of: Any, found: Picture | None, name: str) -> dict[str, Any]:
    specs = specs_of(found) if found is not None else of.field.wanted()
    specs = specs or ()
    spec = next((spec for spec in specs if spec.name == name), None)
    if spec is None:
        known = ", ".join(spec.name for spec in specs)
        raise TemplateSyntaxError(f"This picture has no spec {name!r}; it has {known}.")
    original = (found.width, found.height) if found is not None and found.width and found.height else None
    width, height = room(spec, original)
    return {"src": outline(width, height), "width": width, "height": height}
