"""The operator's list of batches: how far each is, and the way to its invitations."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from invitations.batches import sending
from invitations.models import Batch
from workers.testing import drain

LIST = "/admin/invitations/batch/"
INVITATIONS = "/admin/invitations/invitation/"


@pytest.fixture
def batch(ada) -> Batch:
    prepared = sending.prepare(ada, ["a@example.com", "b@example.com", "nobody", "nobody"], "Come <b>soon</b>")
    return sending.send(ada, prepared.pk)[0]


def detail(batch: Batch) -> str:
    return reverse("admin:invitations_batch_change", args=[batch.pk])


def test_a_batch_shows_its_progress_until_it_has_finished(admin_client, ada, batch):
    sending.prepare(ada, ["c@example.com"])
    page = admin_client.get(LIST).text
    assert "0 of 2" in page
    assert "looked at, not sent" in page
    drain(raise_errors=True)
    assert "2 of 2" in admin_client.get(LIST).text
    assert "finished" in admin_client.get(LIST).text
    assert Batch.objects.get(pk=batch.pk).finished_at


def test_its_page_tells_the_note_whom_it_left_out_and_leads_to_its_invitations(admin_client, batch):
    page = admin_client.get(detail(batch))
    for told in ("Come &lt;b&gt;soon", "not a valid address: 2", "queued: 2"):
        assert told in page.text
    assert f"{INVITATIONS}?batch={batch.pk}&amp;state=queued" in page.text
    listed = admin_client.get(INVITATIONS, {"batch": str(batch.pk), "state": "queued"})
    assert listed.context["cl"].result_count == 2


@pytest.mark.parametrize(("batch_id", "found"), [("nonsense", 0), ("00000000-0000-4000-8000-000000000000", 0), ("", 2)])
def test_invitations_of_no_such_batch_are_none(admin_client, batch, batch_id, found):
    assert admin_client.get(INVITATIONS, {"batch": batch_id}).context["cl"].result_count == found


def test_a_preview_has_no_invitations_yet(admin_client, ada):
    page = admin_client.get(detail(sending.prepare(ada, ["a@example.com"]))).text
    assert "looked at, not sent" in page
    assert "None" not in page


def test_nothing_can_be_changed_and_nothing_seen_without_permission(admin_client, batch):
    assert admin_client.post(detail(batch), {"note": "x"}).status_code == 403
    assert admin_client.post(reverse("admin:invitations_batch_delete", args=[batch.pk])).status_code == 403
    olga, client = User.objects.create_user("olga", is_staff=True), Client()
    client.force_login(olga)
    assert client.get(LIST).status_code == 403
    olga.user_permissions.add(Permission.objects.get(codename="view_batch"))
    assert client.get(LIST).status_code == 200


def test_the_list_reads_no_addresses(admin_client, batch):
    with CaptureQueriesContext(connection) as asked:
        admin_client.get(LIST)
    assert not [query for query in asked.captured_queries if '"addresses"' in query["sql"]]
