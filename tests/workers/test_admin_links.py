"""From a job's page back to what it is for; the runner itself knows no app."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse

from tests.workers.operating import enqueue, job_page, staff
from workers.admin import links
from workers.models import Attempt, Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(links, "_registered", {})
    return links.register


def test_rows_that_refer_to_the_job_are_linked_by_their_own_names(admin_client, registered):
    # Any model with a page in the admin will do: here users, whose name is a job's id.
    job_id = enqueue()
    registered(User, field="username")
    user = User.objects.create_user(str(job_id), password="x")
    text = admin_client.get(job_page(job_id)).text
    assert f'user <a href="{reverse("admin:auth_user_change", args=[user.pk])}">{job_id}</a>' in text
    assert "Belongs to" not in admin_client.get(job_page(enqueue())).text


def test_who_may_not_see_the_row_is_shown_no_link(registered):
    job_id = enqueue()
    registered(User, field="username")
    User.objects.create_user(str(job_id), password="x")
    assert "Belongs to" not in staff("view_job").get(job_page(job_id)).text


def test_a_model_without_a_page_in_the_admin_is_left_out(admin_client, registered):
    job_id = enqueue()
    Attempt.objects.create(job_id=job_id)
    registered(Attempt)
    assert "Belongs to" not in admin_client.get(job_page(job_id)).text


def test_a_field_that_is_not_there_is_told_at_once(registered):
    with pytest.raises(FieldDoesNotExist):
        registered(Job, field="nothing")
