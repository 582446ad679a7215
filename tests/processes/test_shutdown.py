"""SIGTERM ends a worker inside its grace; its jobs are finished or handed back, and nothing is burnt."""

import signal

import pytest

from invitations.models import Invitation
from tests.waiting import wait_until
from workers.models import Attempt, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

GUESTS = [f"guest-{number}@example.com" for number in range(40)]
SLACK = 10


@pytest.fixture(params=["process", "group"])
def terminate(request):
    """SIGTERM reaches the process alone (systemd, Docker) or everything in the dyno at once (Heroku)."""
    if request.param == "process":
        return lambda process: process.popen.terminate()
    return lambda process: process.signal_group(signal.SIGTERM)


def waits_for_the_signal(process) -> bool:
    """The worker has said in the database that it is stopping, or has ended."""
    return process.popen.poll() is not None or WorkerProcess.objects.filter(stopping=True).exists()


def test_what_can_be_finished_within_the_grace_is_finished(site, visitor, mailbox, terminate):
    worker = site.start_worker("invites", "--grace 20")
    mailbox.hold()
    visitor.invite_all(GUESTS)
    wait_until(lambda: mailbox.held, "a mail in flight")
    in_flight = set(Job.objects.filter(state=JobState.RUNNING).values_list("id", flat=True))
    terminate(worker)
    wait_until(lambda: waits_for_the_signal(worker), "the worker to stop taking jobs")
    mailbox.let_go()
    assert worker.wait(20 + SLACK) == 0
    done = set(Job.objects.filter(state=JobState.SUCCESSFUL).values_list("id", flat=True))
    waiting = Job.objects.filter(state__in=[JobState.READY, JobState.SCHEDULED])
    assert done
    assert done | set(waiting.values_list("id", flat=True)) >= in_flight
    assert len(done) + waiting.count() == len(GUESTS)
    assert not waiting.exclude(attempts=0, rescues=0).exists()
    assert not Attempt.objects.exists()
    assert not WorkerProcess.objects.exists()

    site.start_worker("invites")
    wait_until(
        lambda: Job.objects.filter(state=JobState.SUCCESSFUL).count() == len(GUESTS), "the rest to be mailed", 30
    )
    assert mailbox.accepted == dict.fromkeys(GUESTS, 1)


def test_what_cannot_be_finished_is_handed_back_unburnt(site, visitor, mailbox, terminate):
    worker = site.start_worker("invites", "--grace 1")
    mailbox.hold()
    visitor.invite_all(GUESTS)
    wait_until(lambda: mailbox.held, "a mail in flight")
    terminate(worker)
    assert worker.wait(1 + SLACK) == 0
    assert set(Job.objects.values_list("state", flat=True)) <= {JobState.READY, JobState.SCHEDULED}
    assert Job.objects.filter(attempts=0, rescues=0).count() == len(GUESTS)
    interrupted = set(Job.objects.filter(interruptions__gt=0).values_list("id", flat=True))
    assert interrupted
    mailbox.let_go()

    # Those whose mail was under way end as unknown, not as a second mail.
    site.start_worker("invites")
    ended = [JobState.SUCCESSFUL, JobState.DISCARDED]
    wait_until(lambda: Job.objects.filter(state__in=ended).count() == len(GUESTS), "the rest to end", 30)
    assert set(mailbox.accepted.values()) == {1}
    unknown = {invitation.job_id for invitation in Invitation.objects.with_state() if invitation.state == "unknown"}
    assert unknown <= interrupted


def test_an_idle_worker_ends_at_once_by_sigint_too(site):
    worker = site.start_worker("thumbs")
    worker.popen.send_signal(signal.SIGINT)
    assert worker.wait(SLACK) == 0
    assert "Traceback" not in worker.said()
