"""250 invitations over HTTP, through daphne and two workers, to an SMTP server: none lost. What becomes of them when
workers die: test_thousand_invitations.py."""

import json
import time
from collections.abc import Callable

import pytest

from invitations.models import Invitation
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

ADDRESSES = [f"guest-{number}@example.com" for number in range(250)]
# The longest that so many invitations may take here, on a slow machine.
PATIENCE = 120


def states() -> dict[str, list[str]]:
    """State -> addresses."""
    found: dict[str, list[str]] = {}
    for invitation in Invitation.objects.with_state():
        found.setdefault(invitation.state, []).append(invitation.email)
    return found


def all_ended() -> bool:
    return not {"queued", "sending", "retrying"} & set(states())


def test_without_fault_each_invitation_arrives_exactly_once(site, visitor, mailbox):
    site.start_worker("invites")
    site.start_worker("invites")
    visitor.invite_all(ADDRESSES)
    wait_until(all_ended, lambda: f"all to end, but: {tally()}", PATIENCE)
    assert tally() == {"sent": len(ADDRESSES)}
    assert mailbox.accepted == dict.fromkeys(ADDRESSES, 1)


def test_redis_down_delays_nobody_who_posts_and_no_mail_for_long(site, visitor, mailbox, redis):
    worker = site.start_worker("invites")
    visitor.invite("before@example.com")
    wait_until(lambda: mailbox.accepted["before@example.com"], "the mail before the outage")
    redis.halt()
    posted = time_of(lambda: visitor.invite("during@example.com"))
    assert posted < 4.5, f"the form waited {posted:.1f} s for Redis"
    # The poll finds it: POLL_INTERVAL and some slack.
    wait_until(lambda: mailbox.accepted["during@example.com"], "the mail during the outage", 10)
    redis.start()
    visitor.invite("after@example.com")
    wait_until(lambda: mailbox.accepted["after@example.com"], "the mail after the outage", 20)
    wait_until(all_ended, lambda: str(tally()))
    assert tally() == {"sent": 3}
    assert set(mailbox.accepted.values()) == {1}
    assert worker.popen.poll() is None, "the worker did not survive the outage"


def test_wake_ups_are_heard_again_after_redis_restarted_and_forgot(site, visitor, mailbox, redis):
    # Nobody looks unasked, so a listener that had gone deaf would show.
    site.env["WORKERS_OPTIONS"] = json.dumps({"POLL_INTERVAL": 3600})
    worker = site.start_worker("invites")
    for number, trouble in enumerate([lambda: None, redis.restart, lambda: redis.call("FLUSHALL")]):
        trouble()
        visitor.invite(f"guest-{number}@example.com")
        wait_until(lambda arrived=number + 1: len(mailbox.accepted) == arrived, f"mail {number} by its wake-up", 20)
    assert worker.popen.poll() is None


def tally() -> dict[str, int]:
    return {state: len(addresses) for state, addresses in states().items()}


def time_of(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began
