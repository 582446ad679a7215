"""Pages that change by themselves: one WebSocket per page, which pushes fragments that the server has rendered.

An app registers a ``Source`` when it is ready, and its page names it: ``ws-connect="/live/?source=invitations"``.
"""

from workers.live.sources import Refused, Source, register

__all__ = ["Refused", "Source", "register"]
