"""Where the site's paths begin is for its owner to say, and not for a client."""

from typing import Any

from django.conf import settings


class OwnRootPath:
    """ASGI middleware that takes the root path from FORCE_SCRIPT_NAME alone: daphne takes it from the header
    Daphne-Root-Path, whoever sends it, so that every link on the page leads where they like."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self.inner(scope | {"root_path": settings.FORCE_SCRIPT_NAME or ""}, receive, send)
