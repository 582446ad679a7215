"""Retry, discard and cancel: who may, what they really do, and what they say."""

from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests import tasks
from tests.workers.operating import (
    JOBS,
    QUEUES,
    WORKERS,
    a_worker,
    choose,
    enqueue,
    in_state,
    job_page,
    staff,
    state_of,
    steer,
    told,
)
from workers.admin.carrying_out import carry_out, report
from workers.admin.looking import CappedPaginator
from workers.admin.verbs import CANCEL, VERBS
from workers.models import Attempt, Job, JobState

pytestmark = pytest.mark.django_db

# Who may


def test_staff_without_permission_sees_nothing():
    client = staff()
    job_id = enqueue()
    for page in (JOBS, QUEUES, WORKERS, job_page(job_id)):
        assert client.get(page).status_code == 403


def test_who_may_change_but_not_view_sees_no_arguments_and_steers_nothing():
    client = staff("change_job")
    job_id = enqueue(tasks.echo, "secret")
    assert client.get(job_page(job_id)).status_code == 403
    assert steer(client, "cancel", job_id).status_code == 403
    assert state_of(job_id) == JobState.READY


def test_who_may_only_view_is_offered_no_action_and_cannot_post_one():
    client = staff("view_job")
    job_id = enqueue()
    assert 'name="action"' not in client.get(JOBS).text
    assert 'name="action"' not in client.get(job_page(job_id)).text
    steer(client, "cancel", job_id)
    assert state_of(job_id) == JobState.READY


def test_nobody_adds_changes_or_deletes_a_row(admin_client):
    job_id, worker = enqueue(), a_worker()
    changes = {
        reverse("admin:workers_job_add"): 403,
        reverse("admin:workers_job_delete", args=[job_id]): 403,
        job_page(job_id): 403,
        reverse("admin:workers_workerprocess_delete", args=[worker.id]): 403,
        reverse("admin:workers_workerprocess_change", args=[worker.id]): 403,
    }
    for url, status in changes.items():
        assert admin_client.post(url, {"state": "SUCCESSFUL"}).status_code == status
    steer(admin_client, "delete_selected", job_id, post="yes")
    assert state_of(job_id) == JobState.READY


def test_steering_needs_the_csrf_token(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    job_id = enqueue()
    assert steer(client, "cancel", job_id).status_code == 403
    assert state_of(job_id) == JobState.READY


# Steering


def test_retry_runs_what_it_can_and_says_what_it_left(admin_client):
    failed, other, running, done = (
        in_state(state) for state in (JobState.FAILED, JobState.CANCELLED, JobState.RUNNING, JobState.SUCCESSFUL)
    )
    response = steer(admin_client, "retry", failed, other, running, done)
    assert told(response) == ["2 of 4 jobs retried. Left as they were: 1 running, 1 successful."]
    assert [state_of(each) for each in (failed, other, running, done)] == ["READY", "READY", "RUNNING", "SUCCESSFUL"]


def test_each_changed_job_is_in_the_admins_log_and_on_its_history(admin_client, admin_user):
    changed, left = in_state(JobState.FAILED), in_state(JobState.RUNNING)
    steer(admin_client, "discard", changed, left)
    entry = LogEntry.objects.get()
    assert (entry.user, UUID(entry.object_id), entry.change_message) == (admin_user, changed, "Discarded.")
    assert "Discarded." in admin_client.get(reverse("admin:workers_job_history", args=[changed])).text
    assert Attempt.objects.get(job_id=changed).message == "discarded by admin"


def test_a_job_pruned_meanwhile_is_told_as_gone(admin_user):
    kept, gone = enqueue(), enqueue()
    Job.objects.filter(id=gone).delete()
    changes, left = carry_out(CANCEL, [kept, gone], admin_user)
    assert ([change.job.id for change in changes], left) == ([kept], {"gone": 1})
    assert report(CANCEL, 2, 1, {"gone": 1}) == "1 of 2 jobs called off. Left as they were: 1 gone."


def test_running_again_leads_to_the_new_job_and_both_histories_tell_of_it(admin_client):
    old = in_state(JobState.SUCCESSFUL)
    response = steer(admin_client, "repeat", old, from_job_page=1)
    new = Job.objects.exclude(id=old).get().id
    assert told(response) == [f'1 job run again as new. <a href="{job_page(new)}">To the new job</a>']
    assert state_of(old) == JobState.SUCCESSFUL
    entries = LogEntry.objects.values_list("object_id", "change_message")
    assert set(entries) == {(str(old), f"Run again as {new}."), (str(new), f"{old} run again.")}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"task": "gone.away"}, "whose task is not known here"),
        ({"queue": "gone"}, "whose queue or backend is no longer in the settings"),
        ({"backend": "gone"}, "whose queue or backend is no longer in the settings"),
    ],
)
def test_what_cannot_be_run_again_is_told_why_and_takes_no_other_along(admin_client, changed, why):
    fine, other = in_state(JobState.FAILED), in_state(JobState.FAILED)
    Job.objects.filter(id=other).update(**changed)
    response = steer(admin_client, "repeat", fine, other)
    assert told(response)[0].startswith(f"1 of 2 jobs run again as new. Left as they were: 1 {why}.")
    assert Job.objects.count() == 3


def test_arguments_that_have_become_too_large_to_be_used_again_are_told_of(admin_client, options):
    job_id = in_state(JobState.FAILED)
    Job.objects.filter(id=job_id).update(args=["x" * 200])
    options(MAX_BYTES=100)
    [said] = told(steer(admin_client, "repeat", job_id))
    assert said.startswith("0 jobs run again as new; then it stopped: call 1: ")
    assert "MAX_BYTES" in said
    assert Job.objects.count() == 1


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
@pytest.mark.parametrize("state", JobState)
def test_a_jobs_page_offers_exactly_what_would_change_it(admin_client, verb, state):
    job_id = in_state(state)
    offered = f'value="{verb.name}"' in admin_client.get(job_page(job_id)).text
    response = steer(admin_client, verb.name, job_id, from_job_page=1)
    assert response.url == job_page(job_id)
    assert told(response)[0].startswith(f"1 job {verb.done}." if offered else f"0 of 1 job {verb.done}.")


def test_all_across_pages_means_as_many_as_the_page_says(admin_client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "cap", 3)
    ids = [enqueue() for _ in range(4)]
    assert "Not more than 3 at once" in choose(admin_client, "cancel", ids[-1], select_across=1).text
    assert told(steer(admin_client, "cancel", ids[-1], select_across=1)) == ["3 jobs called off."]
    assert state_of(ids[0]) == JobState.READY
