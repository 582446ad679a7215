"""The operator's board: who may see it, what it tells, and how little it asks of the database."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import tasks
from tests.workers.operating import JOBS, a_worker, enqueue, in_state, job_page, staff
from workers import measures, steering, tallies
from workers.admin.board import board
from workers.admin.roster import SHOWN_JOBS, SHOWN_WORKERS
from workers.models import Attempt, AttemptKind, Job, JobState, QueuePause, Tally
from workers.models.tally import SINCE_EVER
from workers.testing import drain

pytestmark = pytest.mark.django_db

BOARD = reverse("admin:workers_board")
QUEUES = ("default", "send-invite", "thumbnailer")
INDEX = reverse("admin:app_list", args=["workers"])


@pytest.fixture(autouse=True)
def _another_day():
    board.forget()


def section(client: Client, name: str) -> str:
    """One part of the page as text, without tags."""
    html = client.get(BOARD).text
    part = re.search(rf'<section id="board-{name}".*?</section>', html, re.DOTALL)
    assert part
    return part[0]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def row(client: Client, queue: str) -> list[str]:
    table = section(client, "queues")
    [found] = [line for line in re.findall(r"<tr id=.*?</tr>", table, re.DOTALL) if f">{queue}</a>" in line]
    return [words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)]


def running(job_id, worker_id: str, minutes: int = 3) -> None:
    began = Now() - timedelta(minutes=minutes)
    Job.objects.filter(id=job_id).update(state=JobState.RUNNING, worker_id=worker_id, last_attempted_at=began)


# Who may


def test_nobody_sees_it_without_signing_in():
    assert Client().get(BOARD).status_code == 302


@pytest.mark.parametrize(("permissions", "status"), [((), 403), (("change_job",), 403), (("view_job",), 200)])
def test_staff_needs_the_permission_to_see_jobs(permissions, status):
    assert staff(*permissions).get(BOARD).status_code == status


def test_the_apps_index_and_the_list_of_jobs_lead_to_it(admin_client):
    for page in (INDEX, JOBS):
        assert f'href="{BOARD}"' in admin_client.get(page).text


def test_who_may_see_workers_only_is_not_led_to_it():
    assert f'href="{BOARD}"' not in staff("view_workerprocess").get(INDEX).text


# Queues


def test_every_queue_of_the_settings_has_its_row(admin_client):
    for queue in QUEUES:
        assert row(admin_client, queue)[0] == queue


def test_a_queue_tells_its_depth_its_oldest_and_who_serves_it(admin_client):
    for _ in range(3):
        enqueue()
    Job.objects.update(run_after=Now() - timedelta(minutes=7))
    in_state(JobState.SCHEDULED)
    Job.objects.filter(state=JobState.SCHEDULED).update(run_after=Now() + timedelta(hours=1))
    running(enqueue(), a_worker(concurrency=6).id)
    _, state, ready, scheduled, oldest, now, *_, workers = row(admin_client, "default")
    assert (state, ready, scheduled, now, workers) == ("served", "3", "1", "1", "1 (6)")
    assert oldest.startswith("7 min")


def test_a_queue_tells_its_rates_and_times(admin_client):
    seconds = measures.WAIT.buckets[6], measures.RUN.buckets[7]
    counts = [("default", measure, 60) for measure in ("successful", "failed", *seconds)]
    tallies.write("default", "default", counts)
    *_, done, failed, wait, run, _ = row(admin_client, "default")
    assert float(done) >= 10
    assert done == failed
    assert re.fullmatch(r"0\.\d\d s / 0\.\d\d s", wait)
    assert re.fullmatch(r"0\.\d\d s / 0\.\d\d s", run)


def test_due_jobs_that_nobody_serves_are_told_with_the_cure(admin_client):
    enqueue()
    assert row(admin_client, "default")[1] == "no worker"
    cure = "1 due job on `default`; no live worker serves it; start: python manage.py runworker default"
    assert cure in words(section(admin_client, "queues"))
    a_worker()
    assert "no live worker" not in section(admin_client, "queues")


def test_a_paused_queue_says_so(admin_client):
    enqueue()
    QueuePause.objects.create(backend="default", queue="default")
    assert row(admin_client, "default")[1] == "paused"
    assert "no live worker" not in section(admin_client, "queues")


# Charts


def test_every_queue_has_charts_of_its_last_hour_and_day(admin_client):
    counts = [(queue, "successful", 41) for queue in QUEUES] + [(queue, "failed", 2) for queue in QUEUES]
    tallies.write("default", "default", counts)
    drawn = section(admin_client, "charts")
    for queue in QUEUES:
        assert f"<h3>{queue}</h3>" in drawn
    for told in (
        "Ended per minute, last hour: 41 done and 2 failed.",
        "Ended per 20 minutes, last day: 41 done and 2 failed.",
        "Run time, last hour: nothing was measured.",
    ):
        assert drawn.count(f'aria-label="{told}"') == len(QUEUES)
    assert len(re.findall("<svg", drawn)) == 6 * len(QUEUES)


def test_a_queue_in_which_nothing_ended_for_a_day_says_so(admin_client):
    tallies.write("default", "default", [("default", "successful", 1)])
    drawn = section(admin_client, "charts")
    assert len(re.findall("<svg", drawn)) == 6
    assert drawn.count("Nothing ended here in the last day.") == len(QUEUES) - 1
    yesterday = Tally.objects.filter(minute__gt=SINCE_EVER)
    yesterday.update(minute=Now() - timedelta(hours=20))
    board.forget()
    drawn = section(admin_client, "charts")
    assert "last hour: 0 done" in drawn
    assert "last day: 1 done" in drawn


def test_no_other_queue_than_the_first_dozen_is_drawn(admin_client, monkeypatch):
    monkeypatch.setattr("workers.admin.board.CHARTED", 2)
    tallies.write("default", "default", [(queue, "successful", 1) for queue in QUEUES])
    drawn = section(admin_client, "charts")
    assert len(re.findall("<svg", drawn)) == 12
    assert "Drawn are the first 2 queues." in drawn
    assert "thumbnailer" in section(admin_client, "queues")


# Workers


def test_workers_tell_their_slots_and_what_each_does_for_how_long(admin_client):
    worker = a_worker("host-7-abcd", queues=["default", "thumbnailer"], concurrency=4)
    job_id = enqueue()
    running(job_id, worker.id)
    workers = section(admin_client, "workers")
    assert f'href="{job_page(job_id)}"' in workers
    for told in ("1 worker, 4 slots.", "host-7-abcd", "alive", "default, thumbnailer", "1 / 4", "for 3 min"):
        assert told in words(workers)


def test_a_worker_with_many_jobs_shows_the_longest_and_counts_the_others(admin_client):
    worker = a_worker(concurrency=20)
    for minutes in range(SHOWN_JOBS + 2):
        running(enqueue(), worker.id, minutes + 1)
    told = words(section(admin_client, "workers"))
    assert "and 2 more" in told
    assert f"for {SHOWN_JOBS + 2} min" in told
    assert "for 1 min" not in told


def test_of_many_workers_the_newest_are_shown_and_all_are_counted(admin_client):
    for number in range(SHOWN_WORKERS + 1):
        a_worker(f"host-{number}", concurrency=2)
    told = words(section(admin_client, "workers"))
    assert f"{SHOWN_WORKERS + 1} workers, {2 * SHOWN_WORKERS + 2} slots. The newest {SHOWN_WORKERS} are shown." in told


def test_without_any_worker_it_says_so(admin_client):
    assert "No worker is there." in section(admin_client, "workers")


# Lately


def test_what_was_retried_failed_or_discarded_lately_is_told_with_its_job(admin_client):
    again, failed = enqueue(tasks.fail_three_times), enqueue(tasks.fail, "<b>")
    drain()
    given_up = enqueue(tasks.snooze, 60)
    steering.discard([given_up], "grace")
    told = section(admin_client, "lately")
    for job_id in (again, failed, given_up):
        assert job_page(job_id) in told
    assert "&lt;b&gt;" in told
    happened = re.findall(r"<td>(retried|failed|discarded)</td>", told)
    assert sorted(happened) == ["discarded", "failed", "failed", "retried", "retried"]


@pytest.mark.parametrize(
    ("state", "told"),
    [(JobState.READY, "rescued"), (JobState.SUCCESSFUL, "rescued"), (JobState.FAILED, "worker lost")],
)
def test_a_job_whose_worker_was_lost_is_told_as_rescued_unless_its_rescues_are_spent(admin_client, state, told):
    job_id = in_state(state)
    Attempt.objects.create(job_id=job_id, kind=AttemptKind.WORKER_LOST, started_at=Now(), exception_class_path="x.Y")
    assert f"<td>{told}</td>" in section(admin_client, "lately")


def test_what_people_called_off_is_no_mishap(admin_client):
    steering.cancel([enqueue()], "grace")
    assert "Nothing." in section(admin_client, "lately")


# How it is read


def test_it_asks_no_more_of_the_database_however_many_jobs_and_workers_there_are(admin_client):
    def statements() -> int:
        board.forget()
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(BOARD)
        return len(queries)

    def fill(count: int) -> None:
        for _ in range(count):
            enqueue()
            job_id = in_state(JobState.FAILED)
            Attempt.objects.create(job_id=job_id, kind=AttemptKind.FAILED, exception_class_path="x.Y")
            running(enqueue(), a_worker(f"host-{Job.objects.count()}").id)

    fill(1)
    few = statements()
    fill(10)
    assert statements() == few


def test_charts_are_drawn_anew_the_hour_every_ten_seconds_and_the_day_every_minute(admin_client, monkeypatch):
    now = 100.0
    monkeypatch.setattr(board, "_now", lambda: now)
    tallies.write("default", "default", [("default", "successful", 1)])
    admin_client.get(BOARD)
    tallies.write("default", "default", [("default", "successful", 5)])
    for later, hour, day in ((9, 1, 1), (1, 6, 1), (49, 6, 1), (1, 6, 6)):
        now += later
        drawn = section(admin_client, "charts")
        assert f"last hour: {hour} done" in drawn
        assert f"last day: {day} done" in drawn


def test_who_asks_for_it_gets_a_page_that_stands_still(admin_client):
    live, still = admin_client.get(BOARD).text, admin_client.get(BOARD, {"live": "0"}).text
    assert "ws-connect" in live
    assert "ws-connect" not in still
    assert "htmx" not in still
    assert 'id="board-queues"' in still
