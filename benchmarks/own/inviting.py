"""Runs with Django loaded: previews and sends batches as an inviter does, ``inviting ADDRESSES``. Prints JSON."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

ROUNDS = 2
MEMBERS, OLD_INVITATIONS = 20_000, 50_000
"""Among which each address is looked for."""


def main(addresses: int) -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client

    ada = User.objects.filter(username="ada").first() or settle()
    client = Client()
    client.force_login(ada)
    client.get("/invitations/batch/")
    print(json.dumps([row for number in range(1, ROUNDS + 1) for row in visit(client, addresses, number)]))


def visit(client: Any, addresses: int, number: int) -> Iterator[dict[str, Any]]:
    from invitations.models import Batch

    text = "\n".join(f"guest-{addresses}-{number}-{guest}@example.com" for guest in range(addresses))
    yield meter(f"preview {number}", client.post, "/invitations/batch/", {"pasted": text})
    batch = Batch.objects.filter(sent_at=None).latest("created_at")
    page = f"/invitations/batch/{batch.pk}/"
    yield meter(f"look {number}", client.get, page)
    yield meter(f"send {number}", client.post, f"{page}send/")
    assert batch.invitations.count() == addresses
    yield meter(f"progress {number}", client.get, page)


def settle() -> Any:
    """A site that is in use."""
    from django.contrib.auth.models import Permission, User
    from django.db import connection
    from django.utils import timezone

    from invitations.models import Invitation

    ada = User.objects.create_user("ada")
    ada.user_permissions.add(*Permission.objects.filter(codename__in=["add_invitation", "see_members"]))
    User.objects.bulk_create(User(username=f"u{number}", email=f"u{number}@example.com") for number in range(MEMBERS))
    last_year = timezone.now() - timedelta(days=365)
    Invitation.objects.bulk_create(
        [Invitation(sender=ada, email=f"old{n}@example.com", created_at=last_year) for n in range(OLD_INVITATIONS)],
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return ada


def meter(request: str, act: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    from django.db import connection

    spent = []

    def watch(execute: Any, *statement: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            spent.append(time.perf_counter() - began)

    before = forget_the_peak()
    began, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(watch):
        answer = act(*arguments)
    took = time.perf_counter() - began
    assert answer.status_code in {200, 302}, answer.content
    return {
        "request": request,
        "seconds": took,
        "cpu": time.process_time() - cpu,
        "database": sum(spent),
        "statements": len(spent),
        "megabytes": (peak() - before) / 1024,
    }


def forget_the_peak() -> float:
    """Kilobytes in use now. Linux only: elsewhere the peak is that of the process's whole life."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(float(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
