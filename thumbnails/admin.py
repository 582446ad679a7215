"""Pictures for staff to read; deleting one removes its files too."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html

from thumbnails.models import Picture, Rendition


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RenditionInline(ReadOnly, admin.TabularInline):
    model = Rendition
    fields = ["name", "format", "width", "height", "bytes"]
    can_delete = False


@admin.register(Picture)
class PictureAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name", "owner", "state", "dimensions", "size", "created_at", "error", "job_link"]
    list_filter = ["job__state", "format", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "error", f"owner__{get_user_model().USERNAME_FIELD}"]
    date_hierarchy = "created_at"
    fields = [
        "id", "name", "owner", "state", "explanation", "format", "dimensions", "size", "created_at", "rendered_at",
        "job_link",
    ]  # fmt: skip
    inlines = [RenditionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return super().get_queryset(request).with_state()  # type: ignore[attr-defined]

    @admin.display
    def state(self, picture: Picture) -> str:
        return str(picture.state.label)

    @admin.display
    def explanation(self, picture: Picture) -> str:
        return picture.explanation

    @admin.display
    def dimensions(self, picture: Picture) -> str | None:
        return f"{picture.width} × {picture.height}" if picture.width else None

    @admin.display(ordering="bytes")
    def size(self, picture: Picture) -> str:
        return filesizeformat(picture.bytes)

    @admin.display(description="job")
    def job_link(self, picture: Picture) -> str | None:
        if picture.job_id is None:
            return None
        if picture.job_state is None:
            return f"{picture.job_id} (gone)"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:workers_job_change", args=[picture.job_id]), picture.job_state.lower()
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        with transaction.atomic():
            _lock(queryset)
            super().delete_queryset(request, queryset)

    def delete_model(self, request: HttpRequest, obj: Picture) -> None:
        with transaction.atomic():
            _lock(Picture.objects.filter(pk=obj.pk))
            super().delete_model(request, obj)


def _lock(pictures: QuerySet[Picture]) -> None:
    """So that a rendering under way has recorded all its files, or finds its picture gone."""
    ids = list(pictures.values_list("pk", flat=True))
    list(Picture.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
