"""500 invitations over HTTP, through daphne and two workers, to an SMTP server: none lost, whatever dies."""

import json
import signal
import time
from collections.abc import Callable

import pytest

from invitations.models import Invitation
from tests.waiting import wait_until
from workers.models import Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

ADDRESSES = [f"guest-{number}@example.com" for number in range(500)]
# The longest that 500 invitations may take here, on a slow machine.
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
    assert tally() == {"sent": 500}
    assert mailbox.accepted == dict.fromkeys(ADDRESSES, 1)


def test_a_killed_worker_loses_no_invitation(site, visitor, mailbox, capsys):
    victim, other = site.start_worker("invites"), site.start_worker("invites")
    half = len(ADDRESSES) // 2
    visitor.invite_all(ADDRESSES[:half])
    # Every sender waits for the server's answer: the worst moment to die.
    mailbox.hold()
    visitor.invite_all(ADDRESSES[half:])
    held_by_victim = Job.objects.filter(state=JobState.RUNNING, worker_id__in=site.worker_ids(victim))
    wait_until(lambda: mailbox.held and held_by_victim.exists(), "mails in flight")
    victim.signal_group(signal.SIGKILL)
    victim.wait()
    in_flight = set(held_by_victim.values_list("id", flat=True))
    assert in_flight
    mailbox.let_go()
    wait_until(all_ended, lambda: f"all to end, but: {tally()}", PATIENCE)

    ended = states()
    doubles = {address for address, count in mailbox.accepted.items() if count > 1}
    unknown = set(ended.pop("unknown", []))
    with capsys.disabled():
        print(f"\nIn flight at the kill: {len(in_flight)}; unknown: {sorted(unknown)}; mailed twice: {sorted(doubles)}")
    assert other.popen.poll() is None
    assert set(ended) == {"sent"}
    assert set(ended["sent"]) <= set(mailbox.accepted), "sent, but never arrived"
    assert len(ended["sent"]) + len(unknown) == len(ADDRESSES)
    in_doubt = set(Invitation.objects.filter(email__in=doubles | unknown).values_list("job_id", flat=True))
    assert in_doubt <= in_flight


def test_redis_down_delays_nobody_who_posts_and_no_mail_for_long(site, visitor, mailbox, redis):
    worker = site.start_worker("invites")
    visitor.invite("before@example.com")
    wait_until(lambda: mailbox.accepted["before@example.com"], "the mail before the outage")
    redis.halt()
    posted = time_of(lambda: visitor.invite("during@example.com"))
    assert posted < 2, f"the form waited {posted:.1f} s for Redis"
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
