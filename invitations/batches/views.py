"""The pages of a batch: the addresses, the preview, and how it goes."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from invitations.batches import sending
from invitations.batches.forms import BatchForm, most
from invitations.batches.live import shown
from invitations.batches.marks import Mark
from invitations.models import Batch
from invitations.origin import origin_of
from invitations.permission import SignedInRequest, for_inviters

PER_PAGE = 100
LATEST = 10


@for_inviters
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: SignedInRequest) -> HttpResponse:
    form = BatchForm(request.POST, request.FILES) if request.method == "POST" else BatchForm()
    if request.method == "POST" and form.is_valid():
        batch = sending.prepare(request.user, form.cleaned_data["words"], form.cleaned_data["note"])
        return redirect("invitations:batch", batch.pk)
    latest = Batch.objects.filter(sender=request.user).defer("addresses")[:LATEST]
    return render(request, "invitations/batches/new.html", {"form": form, "most": most(), "latest": latest})


@for_inviters
@require_safe
def show(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The preview until it is sent, then its progress; and whom it leaves out, either way."""
    batch = get_object_or_404(Batch, pk=pk, sender=request.user)
    context = addresses_of(batch, request.GET.get("mark", ""), request.GET.get("page"))
    if batch.sent_at:
        return render(request, "invitations/batches/sent.html", context | shown(batch))
    return render(request, "invitations/batches/preview.html", context)


@for_inviters
@require_POST
def send(request: SignedInRequest, pk: UUID) -> HttpResponse:
    try:
        batch, first = sending.send(request.user, pk, origin_of(request))
    except Batch.DoesNotExist:
        get_object_or_404(Batch, pk=pk, sender=request.user)
        raise
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if first:
            told = ngettext("%d invitation is on its way.", "%d invitations are on their way.", batch.total)
            messages.success(request, told % batch.total)
        else:
            messages.info(request, _("This batch was sent before. Nothing was sent twice."))
    return redirect("invitations:batch", pk)


def addresses_of(batch: Batch, chosen: str, page: object) -> dict[str, Any]:
    """Those of one mark, or all, as a page; and how many there are of each."""
    counts = Counter(mark for address, mark in batch.addresses)
    rows = [(address, Mark(mark)) for address, mark in batch.addresses if chosen in ("", mark)]
    return {
        "batch": batch,
        "ready": counts[Mark.READY],
        "counts": [(mark, counts[mark]) for mark in Mark if counts[mark]],
        "chosen": chosen,
        "page": Paginator(rows, PER_PAGE).get_page(page),  # type: ignore[arg-type]
    }
