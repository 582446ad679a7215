"""Which files a row still names. A file is removed only when none does."""

from collections.abc import Collection

from django.db.models import Model

from thumbnails.models import Picture, Rendition
from thumbnails.registry import all_fields

ORIGINALS = "originals"
RENDITIONS = "renditions"


def named(names: Collection[str]) -> set[str]:
    """Those of these files that a row names, here or in the picture fields of other apps. Raises DatabaseError."""
    columns: list[tuple[type[Model], str]] = [(Rendition, "file"), (Picture, "original")]
    columns += [(field.model, field.attname) for field in all_fields()]
    found: set[str] = set()
    for model, column in columns:
        rows = model._base_manager.filter(**{f"{column}__in": set(names) - found})
        found |= {str(name) for name in rows.values_list(column, flat=True)}
    return found
