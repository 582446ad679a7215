"""Hands out renditions: an owner's to him, another app's to whom its field's rule lets."""

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from thumbnails.models import Picture, Rendition
from thumbnails.serving import serve
from thumbnails.visibility import may_see

FOR_EVER = "private, max-age=31536000, immutable"


@require_safe
def rendition(request: HttpRequest, pk: UUID, name: str, format: str) -> HttpResponseBase:
    """Under the address that ``Rendition`` tells a browser need never ask again. An address of before gets what there
    is now, and is asked again. Who may not see the picture learns nothing, not even that it is there."""
    picture = Picture.objects.filter(pk=pk).first()
    if picture is None or not may_see(request, picture):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    version, _, density = request.GET.get("v", "").partition("-")
    found = get_object_or_404(Rendition, picture=picture, name=name, format=format, density=_density(density))
    filename = picture.download_name(name, format)
    response = serve(str(found.file), content_type=found.content_type, filename=filename, download=False)
    if version and version == found.spec_hash and response.status_code == 200:
        response.headers["Cache-Control"] = FOR_EVER
    return response


def _density(told: str) -> float:
    try:
        return float(told or 1)
    except ValueError:
        raise Http404 from None
