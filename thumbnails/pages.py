"""An owner's pictures as the pages show them, for the views and for the socket alike."""

from typing import Any

from django.core.paginator import Page, Paginator

from thumbnails.aiming import aim_of
from thumbnails.conf import Rules
from thumbnails.direct import awaited
from thumbnails.models import Picture, PictureQuerySet
from thumbnails.specs import Spec

PER_PAGE = 24


def own(owner: Any) -> PictureQuerySet:
    """Whose a picture is not, for him it does not exist."""
    return Picture.objects.filter(owner=owner.pk).with_state()


def gallery(owner: Any, number: object) -> dict[str, Any]:
    """For the cards of one page: ``card`` is the spec that they show."""
    return {"page": page_of(owner, number), "card": min(Rules.current().specs, key=_area).name}


def details(picture: Picture) -> dict[str, Any]:
    """For the page of a picture: ``large`` is the spec that it shows."""
    return {"picture": picture, "aim": aim_of(picture), "large": max(Rules.current().specs, key=_area).name}


def _area(spec: Spec) -> int:
    return spec.width * spec.height


def page_of(owner: Any, number: object) -> Page:
    """The newest first, without those whose file is still on its way to the bucket; a number that is none gives the
    first page, and one too high the last."""
    there = own(owner).exclude(pk__in=awaited().filter(owner=owner.pk).values("pk"))
    return Paginator(there.prefetch_related("renditions"), PER_PAGE).get_page(number)  # type: ignore[arg-type]
