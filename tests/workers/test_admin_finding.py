"""Jobs are found by id, task, state and queue, without reading the whole table."""

import pytest

from tests import tasks
from tests.workers.operating import JOBS, enqueue, in_state
from workers.models import JobState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("padding", ["", " "])
def test_a_job_is_found_by_its_whole_id(admin_client, padding):
    enqueue()
    wanted = enqueue()
    found = admin_client.get(JOBS, {"q": f"{padding}{wanted}{padding}"}).context["cl"].result_list
    assert [job.id for job in found] == [wanted]


@pytest.mark.parametrize(("text", "count"), [("tests.tasks.e", 1), ("tests.", 2), ("tasks", 0), ("tests%", 0)])
def test_jobs_are_found_by_the_beginning_of_their_tasks_path(admin_client, text, count):
    enqueue(tasks.echo)
    enqueue(tasks.fail)
    assert len(admin_client.get(JOBS, {"q": text}).context["cl"].result_list) == count


def test_jobs_are_filtered_by_state_queue_and_task(admin_client):
    wanted = enqueue(tasks.echo.using(queue_name="thumbnailer"))
    in_state(JobState.FAILED)
    for query in ({"state__exact": "READY"}, {"queue": "thumbnailer"}):
        assert [job.id for job in admin_client.get(JOBS, query).context["cl"].result_list] == [wanted]
    assert not admin_client.get(JOBS, {"task": "invitations.tasks.send_invite"}).context["cl"].result_list


def test_the_filters_offer_what_settings_and_apps_name_without_reading_the_table(admin_client):
    text = admin_client.get(JOBS).text
    for choice in ("?queue=send-invite", "?task=invitations.tasks.send_invite", "?task=thumbnails.tasks"):
        assert choice in text


STRANGE = [{"q": "\x00"}, {"q": "{"}, {"state__exact": "NONE"}, {"p": "x"}, {"task": "%"}, {"_facets": "True"}]
NUL = [{"queue": "\x00"}, {"task": "\x00"}, {"state__exact": "\x00"}]


@pytest.mark.parametrize("query", [*STRANGE, *NUL])
def test_a_strange_query_is_no_server_error(admin_client, query):
    assert admin_client.get(JOBS, query).status_code in (200, 302)
