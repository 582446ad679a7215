"""Retry, discard and cancel: who may, what they really do, and what they say."""

from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests import tasks
from tests.workers.operating import JOBS, WORKERS, a_worker, enqueue, in_state, job_page, staff, state_of, steer, told
from workers.admin.looking import CappedPaginator
from workers.admin.verbs import CANCEL, VERBS, carry_out, report
from workers.models import Attempt, Job, JobState

pytestmark = pytest.mark.django_db

# Who may


def test_staff_without_permission_sees_nothing():
    client = staff()
    job_id = enqueue()
    for page in (JOBS, WORKERS, job_page(job_id)):
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
    assert carry_out(CANCEL, [kept, gone], admin_user) == (1, {"gone": 1})
    assert report(CANCEL, 2, 1, {"gone": 1}) == "1 of 2 jobs cancelled. Left as they were: 1 gone."


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
@pytest.mark.parametrize("state", JobState)
def test_a_jobs_page_offers_exactly_what_would_change_it(admin_client, verb, state):
    job_id = in_state(state)
    offered = f'value="{verb.name}"' in admin_client.get(job_page(job_id)).text
    response = steer(admin_client, verb.name, job_id, from_job_page=1)
    assert response.url == job_page(job_id)
    assert (told(response) == [f"1 job {verb.done}."]) == offered


def test_all_across_pages_means_as_many_as_the_page_says(admin_client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "cap", 3)
    ids = [enqueue() for _ in range(4)]
    assert told(steer(admin_client, "cancel", ids[-1], select_across=1)) == ["3 jobs cancelled."]
    assert state_of(ids[0]) == JobState.READY
