"""Hands out a file from storage, so that a browser takes it for a picture and for nothing else."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

SIGNED_FOR = 300
IN_ONE_PIECE = 256 * 1024
"""Bytes up to which a file, as most renditions are, is not worth a thread's help for each of its pieces."""


class StoredFile(FileResponse):
    """Sent in pieces as it is read: under ASGI too, where a FileResponse would be read as a whole first."""

    block_size = 64 * 1024

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if (file := self.file_to_stream) is not None:
            read = sync_to_async(file.read, thread_sensitive=False)
            while piece := await read(self.block_size):
                yield piece


def serve(name: str, *, content_type: str, filename: str, download: bool) -> HttpResponseBase:
    """The file, or a redirect to a signed address valid for five minutes where the storage can sign one.

    Only for who may see it: the caller has asked. Raises Http404 when the storage has lost the file.
    """
    disposition = content_disposition_header(download, filename) or "inline"
    if getattr(default_storage, "querystring_auth", False):
        claims = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        redirect = HttpResponseRedirect(
            default_storage.url(name, parameters=claims, expire=SIGNED_FOR)  # type: ignore[call-arg]
        )
        redirect.headers["Cache-Control"] = "private, no-store"
        return redirect
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404("This file is no longer in the storage.") from None
    if file.size > IN_ONE_PIECE:
        return _harmless(StoredFile(file, content_type=content_type), disposition)
    with file:
        return _harmless(HttpResponse(file.read(), content_type=content_type), disposition)


def _harmless(response: HttpResponseBase, disposition: str) -> HttpResponseBase:
    response.headers["Content-Disposition"] = disposition
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
