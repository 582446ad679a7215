"""SIGTERM ends a worker inside its grace; its jobs are finished or handed back, and nothing is burnt."""

import signal

import pytest

from invitations.models import Invitation
from tests.processes import tasks
from tests.processes.crew import is_gone
from tests.waiting import wait_until
from workers.models import Attempt, Job, JobState, WorkerProcess

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

# Without what is planned for the days after a mail.
MAILS = Job.objects.filter(task="invitations.tasks.send_invite")
GUESTS = [f"guest-{number}@example.com" for number in range(40)]
SLACK = 30


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
    mailbox.hold()
    visitor.invite_all(GUESTS)
    worker = site.start_worker("invites", "--grace 20")
    wait_until(lambda: mailbox.held, "a mail in flight")
    in_flight = set(Job.objects.filter(state=JobState.RUNNING).values_list("id", flat=True))
    terminate(worker)
    wait_until(lambda: waits_for_the_signal(worker), "the worker to stop taking jobs")
    mailbox.let_go()
    assert worker.wait(20 + SLACK) == 0
    done = set(Job.objects.filter(state=JobState.SUCCESSFUL).values_list("id", flat=True))
    waiting = MAILS.filter(state__in=[JobState.READY, JobState.SCHEDULED])
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
    assert MAILS.filter(attempts=0, rescues=0).count() == len(GUESTS)
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


STOPS = {
    "SIGTERM to the supervisor": lambda crew: crew.process.popen.terminate(),
    "SIGTERM to everything": lambda crew: crew.process.signal_group(signal.SIGTERM),
    "SIGTERM to everything, and again": lambda crew: [crew.process.signal_group(signal.SIGTERM) for _ in range(5)],
    "SIGINT to the supervisor": lambda crew: crew.process.popen.send_signal(signal.SIGINT),
    "SIGINT to everything": lambda crew: crew.process.signal_group(signal.SIGINT),
    "SIGTERM to the supervisor, and again": lambda crew: [crew.process.popen.terminate() for _ in range(5)],
}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())
def test_however_it_is_asked_to_stop_what_runs_may_finish_and_the_exit_code_is_0(crew, stop):
    crew.start("--grace 30 --concurrency 1", processes=2)
    for number in range(2):
        tasks.hold.enqueue(crew.folder, f"held-{number}")
    for number in range(2):
        crew.wait_for_mark(f"held-{number}")
    children = crew.pids()
    stop(crew)
    crew.wait(lambda: WorkerProcess.objects.filter(stopping=True).count() == 2, "both to be stopping")
    tasks.mark.enqueue(crew.folder, "too late")
    crew.let_go()
    assert crew.process.wait(SLACK) == 0
    assert all(map(is_gone, children))
    assert Job.objects.filter(state=JobState.SUCCESSFUL, interruptions=0).count() == 2
    assert Job.objects.get(state=JobState.READY).args[1] == "too late"
    assert not WorkerProcess.objects.exists()
    assert "Traceback" not in crew.process.said()


@pytest.mark.parametrize("whom", ["supervisor", "group"])
def test_a_second_sigint_hands_everything_back_at_once(crew, whom):
    crew.start("--grace 600 --concurrency 1", processes=2)
    for number in range(2):
        tasks.hold.enqueue(crew.folder, f"held-{number}")
    for number in range(2):
        crew.wait_for_mark(f"held-{number}")
    interrupt = crew.process.signal_group if whom == "group" else crew.process.popen.send_signal
    interrupt(signal.SIGINT)
    crew.wait(lambda: WorkerProcess.objects.filter(stopping=True).count() == 2, "both to be stopping")
    interrupt(signal.SIGINT)
    assert crew.process.wait(SLACK) == 0
    assert [job.state for job in Job.objects.all()] == [JobState.READY] * 2
    assert Job.objects.filter(attempts=0, rescues=0, interruptions=1).count() == 2
    assert not WorkerProcess.objects.exists()
    assert "Traceback" not in crew.process.said()


def test_a_process_that_is_asked_to_stop_by_itself_is_replaced(crew):
    crew.start("--grace 1", processes=2)
    tasks.hold.enqueue(crew.folder, "held")
    stopped = crew.wait_for_mark("held")
    crew.kill(stopped, signal.SIGTERM)
    assert crew.wait_for_mark("held", times=2) != stopped
    crew.let_go()
    crew.wait_for_state(JobState.SUCCESSFUL, 1)
    crew.wait(lambda: len(crew.pids()) == 2 and stopped not in crew.pids(), "the replacement")
    job = Job.objects.get()
    assert (job.rescues, job.interruptions) == (0, 1), "it was handed back, not lost"
    assert "ended with exit code 0" in crew.process.said()


def test_a_stop_that_comes_while_the_processes_start_is_obeyed(crew):
    crew.process = crew.site.launch("python manage.py runworker default --processes 2")
    crew.wait(lambda: "Serving" in crew.process.said(), "the supervisor to begin")
    wait_until(lambda: len(crew.children()) == 2, "two children")
    crew.process.signal_group(signal.SIGTERM)
    assert crew.process.wait(SLACK) == 0
    assert not WorkerProcess.objects.exists()
    assert "Traceback" not in crew.process.said()


def test_a_process_that_cannot_end_is_killed_when_its_time_is_up(crew):
    crew.start("--grace 0", processes=2)
    [stopped, _] = crew.pids()
    crew.kill(stopped, signal.SIGSTOP)
    crew.process.popen.terminate()
    assert crew.process.wait(30) == 1
    assert f"Worker process {stopped}" in crew.process.said()
    assert is_gone(stopped)
