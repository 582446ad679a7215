from collections import Counter

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.batches.marks import Mark
from invitations.batches.progress import Progress, conclude, progress_of
from invitations.models import Batch
from workers.admin.looking import LookOnly


@admin.register(Batch)
class BatchAdmin(LookOnly):
    """Seeing needs view_batch. Whoever looks writes down that a batch has finished, as on the inviter's own page."""

    list_display = ["created_at", "sender", "total", "progress", "sent_at", "finished_at"]
    list_filter = ["sent_at", "finished_at"]
    list_select_related = ["sender"]
    search_fields = ["sender__username"]
    date_hierarchy = "created_at"
    fields = ("sender", "note", "total", "progress", "outcomes", "left_out", "created_at", "sent_at", "finished_at")
    readonly_fields = fields

    class Media:
        css = {"all": ["workers/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        # Of each batch up to ten thousand, which only left_out needs.
        return super().get_queryset(request).defer("addresses")

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, batch: Batch) -> str:
        if not batch.sent_at:
            return _("looked at, not sent")
        if batch.finished_at:
            return _("finished")
        progress = settled(batch)
        return _("%(done)s of %(total)s") % {"done": f"{progress.done:,}", "total": f"{progress.total:,}"}

    @admin.display(description=gettext_lazy("its invitations"))
    def outcomes(self, batch: Batch) -> SafeString | str:
        invitations = reverse("admin:invitations_invitation_changelist")
        rows = settled(batch).outcomes if batch.sent_at else []
        cells = ((invitations, batch.pk, row.state.value, row.state.label, f"{row.count:,}") for row in rows)
        return format_html_join(", ", '<a href="{}?batch={}&amp;state={}">{}: {}</a>', cells) or "–"

    @admin.display(description=gettext_lazy("addresses left out"))
    def left_out(self, batch: Batch) -> str:
        counts = Counter(mark for address, mark in batch.addresses if mark != Mark.READY)
        return ", ".join(f"{Mark(mark).label}: {count:,}" for mark, count in counts.most_common()) or "–"


def settled(batch: Batch) -> Progress:
    progress = progress_of(batch)
    conclude(batch, progress)
    return progress
