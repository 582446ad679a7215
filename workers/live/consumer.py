"""The socket behind a live page. Whoever it serves is asked for again at every push: a session may have ended."""

import asyncio
import json
import logging
import time
from contextlib import suppress
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.template.loader import render_to_string

from workers.events import owner_group
from workers.live.crowd import Crowd, most_sockets
from workers.live.csrf import token_for
from workers.live.sources import Refused, Source, find

logger = logging.getLogger("workers.live")

SIGNED_OUT = 4401
NO_SUCH_PAGE = 4404
TOO_MUCH = 4413
TOO_MANY = 4429
COALESCE = 0.1
"""Seconds for which further changes are gathered before the next push."""
LONGEST_MESSAGE = 65_536
LONGEST_MEMBERSHIP = 3600.0
"""Seconds after which the socket joins its group anew: Redis forgets a member after a day."""


class LiveConsumer(AsyncWebsocketConsumer):
    """Pushes what its source renders: everything at the start, then what changes. Closes with 4401 when nobody is
    signed in any more, with 4404 for a source that is not there or not for this user, and with 4429 when its user has
    opened WORKERS_LIVE_SOCKETS newer ones in this process; a page does not try such a socket again, as it does after a
    failure."""

    source: Source | None = None
    group = ""
    one_too_many = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in disconnect(), which is not reached by one that is cancelled.
            crowd.leave(self.group, self)

    async def connect(self) -> None:
        await self.accept()
        self.params = dict(parse_qsl(self.scope["query_string"].decode("latin-1")))
        self.changed: set[str] | None = None
        self.due = asyncio.Event()
        user = await self._user()
        if user is None:
            return
        self.source = find(self.params.get("source", ""))
        if self.source is None or not await database_sync_to_async(self.source.may_see)(user):
            self.source = None
            return await self.close(NO_SUCH_PAGE)
        self.group = owner_group(user.pk)
        for oldest in crowd.enter(self.group, self, most_sockets()):
            oldest.one_too_many = True
            oldest.due.set()
        # Before everything is shown, so that nothing happens unseen in between.
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.due.set()
        self.pushing = asyncio.create_task(self._push_for_ever(self.source))

    async def disconnect(self, code: int) -> None:
        if self.source is not None:
            self.pushing.cancel()
            with suppress(asyncio.CancelledError):
                await self.pushing
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def jobs_changed(self, message: dict[str, Any]) -> None:
        """Something happened to jobs of this user."""
        if self.changed is not None:
            new = any(job["new"] for job in message["jobs"])
            self.changed = None if new else self.changed | {job["id"] for job in message["jobs"]}
        self.due.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A form of the page was sent: its fields as JSON, of which ``action`` names what to do."""
        if self.source is None:
            return
        if text_data is None or len(text_data) > LONGEST_MESSAGE:
            return await self.close(TOO_MUCH)
        values = _fields(text_data)
        user = await self._user()
        if user is None:
            return
        answer = await database_sync_to_async(_act)(self.source, user, values)
        if answer is None:
            return await self.close(NO_SUCH_PAGE)
        await self._say(*answer)
        self.changed = None
        self.due.set()

    async def _push_for_ever(self, source: Source) -> None:
        period = min(source.every or LONGEST_MEMBERSHIP, LONGEST_MEMBERSHIP)
        whole_at = time.monotonic() + period
        while True:
            with suppress(TimeoutError):
                # Not wait_for, which before Python 3.12 loses a cancellation that comes with what it waits for.
                async with asyncio.timeout(max(0.0, whole_at - time.monotonic())):
                    await self.due.wait()
            self.due.clear()
            if self.one_too_many:
                await self._say("You have many pages open, and this one stopped following. Reload it.", "error")
                return await self.close(TOO_MANY)
            try:
                if time.monotonic() >= whole_at:
                    whole_at = time.monotonic() + period
                    self.changed = None
                    await self.channel_layer.group_add(self.group, self.channel_name)
                changed, self.changed = self.changed, set()
                if not await self._push(source, changed or None):
                    return
            except Exception:
                # The page keeps what it shows; the next change renders everything.
                logger.exception("The page %s could not be rendered.", source.name)
                self.changed = None
            await asyncio.sleep(COALESCE)

    async def _push(self, source: Source, changed: set[str] | None) -> bool:
        user = await self._user()
        if user is None:
            return False
        html = await database_sync_to_async(_render)(source, user, self.scope, self.params, changed)
        if html is None:
            await self.close(NO_SUCH_PAGE)
            return False
        if html:
            await self.send(html)
        return True

    async def _user(self) -> Any:
        """Who is signed in on this socket's session now; None, and the socket is closed, when nobody is."""
        engine = import_module(settings.SESSION_ENGINE)
        fresh = {"session": engine.SessionStore(self.scope["session"].session_key)} if "session" in self.scope else {}
        user = await get_user(fresh) if fresh else None
        if user is None or not user.is_authenticated:
            if self.source is not None:
                await self._say("You are signed out. Sign in, and reload this page.", "error")
            await self.close(SIGNED_OUT)
            return None
        return user

    async def _say(self, said: str, tone: str) -> None:
        context = {"said": said, "tone": tone}
        await self.send(await database_sync_to_async(render_to_string)("workers/live/said.html", context))


crowd: Crowd[LiveConsumer] = Crowd()


def _render(
    source: Source, user: Any, scope: dict[str, Any], params: dict[str, str], changed: set[str] | None
) -> str | None:
    if not source.may_see(user):
        return None
    return source.render(user, params | {"csrf_token": token_for(scope)}, changed)


def _act(source: Source, user: Any, values: dict[str, str]) -> tuple[str, str] | None:
    """What is said of it, and in which tone; None: the page is not for this user any more."""
    if not source.may_see(user):
        return None
    try:
        return source.act(user, values.pop("action", ""), values), "success"
    except Refused as refusal:
        return str(refusal), "error"
    except Exception:
        logger.exception("An action of the page %s failed.", source.name)
        return "That did not work. Please reload the page and try again.", "error"


def _fields(text: str) -> dict[str, str]:
    """What a form sent; anything else is no field."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, str)}
