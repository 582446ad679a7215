"""Before jobs are changed in bulk, a page counts what will change and what not; then exactly those are changed."""

import pytest
from django.conf import settings
from django.test import Client

from tests import tasks
from tests.workers.operating import JOBS, choose, enqueue, form_of, in_state, staff, state_of, told
from workers.admin import confirming
from workers.admin.looking import CappedPaginator
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db


def test_the_page_counts_by_task_and_state_and_changes_nothing(admin_client):
    failed = [in_state(JobState.FAILED), in_state(JobState.FAILED), in_state(JobState.FAILED, tasks.note)]
    running, done = in_state(JobState.RUNNING), in_state(JobState.SUCCESSFUL)
    page = choose(admin_client, "retry", *failed, running, done).text
    for expected in (
        "3 of 5 selected jobs will be retried",
        "2 × tests.tasks.echo, failed",
        "1 × tests.tasks.note, failed",
        "1 running",
        "1 successful",
        "Retry: 3 jobs",
    ):
        assert expected in page
    assert {state_of(job_id) for job_id in failed} == {JobState.FAILED}


def test_where_nothing_can_be_changed_there_is_no_button(admin_client):
    page = choose(admin_client, "retry", in_state(JobState.RUNNING)).text
    assert "None of the 1 selected job can be retried." in page
    assert "<button>" not in page


def test_what_came_after_the_count_is_not_changed_and_what_went_on_is_told(admin_client):
    kept, started = enqueue(), enqueue()
    page = choose(admin_client, "cancel", kept, select_across=1)
    later = enqueue()
    Job.objects.filter(id=started).update(state=JobState.SUCCESSFUL)
    response = admin_client.post(JOBS, form_of(page))
    assert told(response) == ["1 of 2 jobs called off. Left as they were: 1 successful."]
    assert [state_of(each) for each in (kept, started, later)] == ["CANCELLED", "SUCCESSFUL", "READY"]


def test_the_filters_choose_and_stay_chosen(admin_client):
    enqueue()
    wanted = enqueue(tasks.echo.using(queue_name="thumbnailer"))
    url = f"{JOBS}?queue=thumbnailer"
    page = admin_client.post(url, {"action": "cancel", "index": 0, "_selected_action": str(wanted), "select_across": 1})
    assert "1 of 1 selected job will be called off" in page.text
    response = admin_client.post(url, form_of(page))
    assert response.url == url
    assert list(Job.objects.filter(state=JobState.CANCELLED).values_list("id", flat=True)) == [wanted]


def test_as_many_as_the_cap_allows_fit_into_one_form():
    ids = [Job(task="t").id for _ in range(CappedPaginator.cap)]
    text = confirming.as_text(ids)
    assert len(text) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2
    assert confirming.from_text(text) == ids


@pytest.mark.parametrize("text", ["", "x", "1,2", "\x00", "," * 50])
def test_a_damaged_form_changes_nothing_and_says_so(admin_client, text):
    job_id = enqueue()
    response = admin_client.post(JOBS, {"action": "cancel", "_selected_action": str(job_id), "confirmed": text})
    assert told(response) == [confirming.DAMAGED]
    assert state_of(job_id) == JobState.READY


@pytest.mark.parametrize("chosen", ["x", "\x00", "1"])
def test_what_is_no_id_is_chosen_in_vain(admin_client, chosen):
    response = admin_client.post(JOBS, {"action": "cancel", "index": 0, "_selected_action": chosen})
    assert told(response) == [confirming.DAMAGED]


def test_more_than_the_cap_is_refused(monkeypatch):
    ids = [Job(task="t").id for _ in range(3)]
    monkeypatch.setattr(CappedPaginator, "cap", 2)
    with pytest.raises(ValueError, match="3 jobs are more than 2"):
        confirming.from_text(confirming.as_text(ids))


def test_confirming_needs_the_permission_and_the_csrf_token(admin_user):
    job_id = enqueue()
    form = {"action": "cancel", "_selected_action": str(job_id), "confirmed": confirming.as_text([job_id])}
    staff("view_job").post(JOBS, form)
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(JOBS, form).status_code == 403
    assert state_of(job_id) == JobState.READY
    client.get(JOBS)
    client.post(JOBS, form | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
    assert state_of(job_id) == JobState.CANCELLED
