"""Pictures for staff to read; deleting one removes its files too."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from thumbnails import actions
from thumbnails.admin_filters import FormatFilter, StateFilter
from thumbnails.models import Picture, Rendition
from thumbnails.saving import saving
from thumbnails.serving import serve
from workers.admin import links

links.register(Picture)

# CSS pixels, at most, of either side of a thumbnail.
SIDE = 160
SIDE_IN_LIST = 80


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RenditionInline(ReadOnly, admin.TabularInline):
    model = Rendition
    fields = readonly_fields = ("thumbnail", "name", "format", "density", "width", "height", "bytes")
    can_delete = False
    # There only its owner may see it.
    view_on_site = False

    @admin.display(description=_("rendition"))
    def thumbnail(self, rendition: Rendition) -> str:
        return _shown(rendition, f"{rendition}, {rendition.width} × {rendition.height} pixels")


@admin.register(Picture)
class PictureAdmin(ReadOnly, admin.ModelAdmin):
    """Seeing needs view_picture, the actions change_picture too."""

    list_display = [
        "name", "thumbnail", "owner", "state", "dimensions", "bytes_saved", "created_at", "error", "job_link",
    ]  # fmt: skip
    list_filter = [StateFilter, FormatFilter, "created_at"]
    list_select_related = ["owner"]
    list_per_page = 50
    search_fields = ["name", "error", f"owner__{get_user_model().USERNAME_FIELD}"]
    date_hierarchy = "created_at"
    fields = [
        "id", "name", "owner", "field", "row", "state", "explanation", "format", "dimensions", "frames", "focal_point",
        "bytes_saved", "created_at", "rendered_at", "job_link",
    ]  # fmt: skip
    inlines = [RenditionInline]
    actions = ["rebuild", "retry"]
    view_on_site = False

    class Media:
        css = {"all": ["workers/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        # Before the model's own, of which one takes any path for a picture's id.
        show = self.admin_site.admin_view(self.show_rendition)
        return [path("rendition/<int:pk>/", show, name="thumbnails_rendition_shown"), *super().get_urls()]

    def show_rendition(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """To staff, who see pictures that are not theirs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = get_object_or_404(Rendition.objects.select_related("picture"), pk=pk)
        name = found.picture.download_name(found.name, found.format)
        return serve(str(found.file), content_type=found.content_type, filename=name, download=False)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("thumbnails.change_picture")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return super().get_queryset(request).with_state().prefetch_related("renditions")  # type: ignore[attr-defined]

    @admin.display(description=_("preview"))
    def thumbnail(self, picture: Picture) -> str | None:
        smallest = next(iter(picture.renditions.all()), None)
        return _shown(smallest, "", SIDE_IN_LIST) if smallest else None

    @admin.display
    def state(self, picture: Picture) -> str:
        return str(picture.state.label)

    @admin.display
    def explanation(self, picture: Picture) -> str:
        return picture.explanation

    @admin.display
    def dimensions(self, picture: Picture) -> str | None:
        return f"{picture.width} × {picture.height}" if picture.width else None

    @admin.display(description=_("focal point"))
    def focal_point(self, picture: Picture) -> str:
        return f"{picture.focal_x:.0%} from the left, {picture.focal_y:.0%} from the top"

    @admin.display(description=_("original → what a page loads"), ordering="bytes")
    def bytes_saved(self, picture: Picture) -> str:
        found = saving(picture.bytes, picture.renditions.all())
        return str(found) if found else filesizeformat(picture.bytes)

    @admin.display(description="job")
    def job_link(self, picture: Picture) -> str | None:
        if picture.job_id is None:
            return None
        if picture.job_state is None:
            return f"{picture.job_id} (gone)"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:workers_job_change", args=[picture.job_id]), picture.job_state.lower()
        )

    @admin.action(permissions=["steer"], description=_("Rebuild all renditions of selected pictures"))
    def rebuild(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        self._steer(request, queryset, actions.rebuild, "Rebuilding", "being rendered already")

    @admin.action(permissions=["steer"], description=_("Retry selected pictures that failed"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        self._steer(request, queryset, actions.try_again, "Another try", "not waiting to be tried again")

    def _steer(
        self, request: HttpRequest, queryset: QuerySet[Picture], act: Callable[[UUID], bool], asked: str, left: str
    ) -> None:
        done = passed_over = 0
        for picture in queryset.prefetch_related(None):
            try:
                with transaction.atomic():
                    acted = act(picture.pk)
                    if acted:
                        self.log_change(request, picture, f"{asked} was asked for.")
            except Picture.DoesNotExist:
                continue
            done, passed_over = done + acted, passed_over + (not acted)
        if done:
            self.message_user(request, f"{asked} of {_pictures(done)} was asked for.", messages.SUCCESS)
        if passed_over:
            self.message_user(request, f"Passed over {_pictures(passed_over)}: {left}.", messages.WARNING)

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


def _shown(rendition: Rendition, alt: str, side: int = SIDE) -> str:
    scale = min(1, side / max(rendition.width, rendition.height))
    return format_html(
        '<img src="{}?v={}" width="{}" height="{}" loading="lazy" alt="{}">',
        reverse("admin:thumbnails_rendition_shown", args=[rendition.pk]),
        rendition.version,
        max(1, round(rendition.width * scale)),
        max(1, round(rendition.height * scale)),
        alt,
    )


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
