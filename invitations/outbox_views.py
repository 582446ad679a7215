"""The outbox: the mails that were written to files instead of being sent."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from invitations import outbox


def folder_for(request: HttpRequest) -> Path | None:
    if not outbox.is_outbox_open(request):
        raise Http404
    return outbox.directory()


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    folder = folder_for(request)
    mails = outbox.newest(folder) if folder else []
    return render(request, "invitations/outbox.html", {"mails": mails, "folder": folder})


@require_safe
def mail_detail(request: HttpRequest, name: str, number: int) -> HttpResponse:
    folder = folder_for(request)
    mail = outbox.find(folder, name, number) if folder else None
    if mail is None:
        raise Http404
    response = render(request, "invitations/outbox_mail.html", {"mail": mail})
    # Holds for the framed mail too: no scripts, nothing fetched from elsewhere.
    response["Content-Security-Policy"] = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:"
    return response
