"""Hands out a file from storage, so that a browser takes it for a picture and for nothing else."""

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header

SIGNED_FOR = 300


def serve(name: str, *, content_type: str, filename: str, download: bool) -> HttpResponse:
    """The file, or a redirect to a signed address valid for five minutes where the storage can sign one.

    Only for who may see it: the caller has asked. Read as a whole, which MAX_BYTES bounds: under ASGI a FileResponse
    does the same, with a warning. Raises Http404 when the storage has lost the file.
    """
    disposition = content_disposition_header(download, filename) or "inline"
    if getattr(default_storage, "querystring_auth", False):
        claims = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        response: HttpResponse = HttpResponseRedirect(
            default_storage.url(name, parameters=claims, expire=SIGNED_FOR)  # type: ignore[call-arg]
        )
        response.headers["Cache-Control"] = "private, no-store"
        return response
    try:
        with default_storage.open(name) as file:
            response = HttpResponse(file.read(), content_type=content_type)
    except FileNotFoundError:
        raise Http404("This file is no longer in the storage.") from None
    return _harmless(response, disposition)


def _harmless(response: HttpResponse, disposition: str) -> HttpResponse:
    response.headers["Content-Disposition"] = disposition
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
