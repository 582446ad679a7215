"""The operator's list of invitations: filters, counts, charts, the export, and the life of each."""

import csv
import io
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from invitations.admin import charts, export
from invitations.admin.timeline import timeline_of
from invitations.inviting import invite
from invitations.models import Invitation, ProviderEvent
from tests.invitations.running import end_job, job_of
from workers.lifecycle import ending
from workers.models import Attempt, JobState

LIST = "/admin/invitations/invitation/"
EXPORT = f"{LIST}export/"


def lines_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def staff(*codenames: str) -> Client:
    user = User.objects.create_user(f"olga-{len(codenames)}", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_the_list_counts_by_state_what_it_shows(admin_client, ada):
    for number in range(3):
        invite(ada, f"guest-{number}@example.com")
    Invitation.objects.filter(email="guest-0@example.com").update(sent_at=timezone.now())
    grace = User.objects.create_user("grace")
    invite(grace, "of-grace@example.com")

    def counts(**query):
        return {str(state): count for state, count in admin_client.get(LIST, query).context["state_counts"]}

    assert counts() == {"queued": 3, "sent": 1}
    assert counts(sender=ada.pk) == {"queued": 2, "sent": 1}
    assert counts(state="sent") == {"sent": 1}
    assert counts(q="of-grace") == {"queued": 1}


@pytest.mark.parametrize(("sender", "found"), [("ada", 1), ("0", 0), ("nonsense", 0)])
def test_the_list_is_filtered_by_sender(admin_client, ada, invitation, sender, found):
    answer = admin_client.get(LIST, {"sender": ada.pk if sender == "ada" else sender})
    assert answer.context["cl"].result_count == found


def test_the_charts_count_each_of_the_last_thirty_days(admin_client, ada):
    now = timezone.now()
    rows = [Invitation(sender=ada, email=f"{n}@example.com", created_at=now - timedelta(days=40)) for n in range(4)]
    for row, days in zip(rows, (0, 0, 29, 31), strict=True):
        row.sent_at = now - timedelta(days=days)
    rows[0].accepted_at = now
    Invitation.objects.bulk_create(rows)
    told = [str(chart.drawing) for chart in charts.charts(now)]
    assert "Sent in the last 30 days: 3, of which 2 today." in told[0]
    assert "Delivered in the last 30 days: 0, of which 0 today." in told[1]
    assert "Accepted in the last 30 days: 1, of which 1 today." in told[2]
    assert "Sent in the last 30 days: 3" in admin_client.get(LIST).text


def test_what_is_filtered_is_exported_and_linked(admin_client, ada):
    invite(ada, "guest@example.com")
    invite(ada, "other@example.com")
    Invitation.objects.filter(email="guest@example.com").update(sent_at=timezone.now())
    assert f'href="{EXPORT}?state=sent"' in admin_client.get(LIST, {"state": "sent"}).text
    answer = admin_client.get(EXPORT, {"state": "sent"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    heading, *rows = lines_of(answer)
    assert heading[:3] == ["email", "sender username", "state"]
    assert [row[:3] for row in rows] == [["guest@example.com", "ada", "sent"]]
    key = Invitation.objects.get(email="guest@example.com").key
    assert key not in str(rows)


def test_all_pages_of_an_export_come_each_row_once(admin_client, ada, monkeypatch):
    monkeypatch.setattr(export, "AT_ONCE", 3)
    now = timezone.now()
    # Several at the same moment, as a batch makes them.
    rows = [
        Invitation(sender=ada, email=f"{n}@example.com", created_at=now - timedelta(hours=n // 4)) for n in range(10)
    ]
    Invitation.objects.bulk_create(rows)
    exported = [row[0] for row in lines_of(admin_client.get(EXPORT))[1:]]
    assert sorted(exported) == sorted(row.email for row in rows)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(admin_client, invitation, text):
    Invitation.objects.update(error=text)
    (row,) = lines_of(admin_client.get(EXPORT))[1:]
    assert f"'{text}".strip() in [cell.strip() for cell in row]
    assert export.cell("plain") == "plain"


@pytest.mark.django_db(transaction=True)
def test_under_an_asynchronous_server_the_export_is_streamed_too(ada):
    invite(ada, "guest@example.com")
    User.objects.create_superuser("root")

    async def exported() -> bytes:
        client = AsyncClient()
        await client.aforce_login(await User.objects.aget(username="root"))
        answer = await client.get(EXPORT)
        return b"".join([part async for part in answer.streaming_content])  # type: ignore[attr-defined]

    assert b"guest@example.com,ada,queued" in async_to_sync(exported)()


def test_the_export_needs_the_permission_to_see(invitation):
    assert staff().get(EXPORT).status_code == 403
    assert staff("view_invitation").get(EXPORT).status_code == 200


def test_the_life_of_an_invitation_is_told_in_order_of_time(invitation):
    start = invitation.created_at
    Invitation.objects.update(
        sending_at=start + timedelta(seconds=40),
        sent_at=start + timedelta(seconds=41),
        accepted_at=start + timedelta(seconds=60),
        opened_at=start + timedelta(seconds=55),
    )
    job = job_of(invitation)
    Attempt.objects.create(
        job=job,
        exception_class_path="OSError",
        message="no route",
        traceback="secret traceback",
        started_at=start + timedelta(seconds=9),
        ended_at=start + timedelta(seconds=10),
    )
    for kind, seconds in (("delivered", 50), ("queued", 42)):
        happened = start + timedelta(seconds=seconds)
        ProviderEvent.objects.create(
            invitation=invitation,
            provider="Postmark",
            event_id=kind,
            kind=kind,
            reason=f"250 {kind}",
            happened_at=happened,
        )
    end_job(
        invitation,
        JobState.SUCCESSFUL,
        enqueued_at=start + timedelta(seconds=1),
        finished_at=start + timedelta(seconds=41, milliseconds=500),
    )
    invitation.refresh_from_db()
    titles = [moment.title for moment in timeline_of(invitation, with_job=True, now=timezone.now())]
    expected = [
        "invited",
        "job enqueued",
        "job attempt failed",
        "mail being handed over",
        "mail taken",
        "job successful",
        "queued (Postmark)",
        "delivered (Postmark)",
        "opened",
        "accepted",
    ]
    assert [title for title in titles if not title.startswith("job attempt")] == [
        title for title in expected if not title.startswith("job attempt")
    ]
    assert titles[2].startswith("job attempt failed")


def test_the_job_behind_is_told_only_to_who_may_see_jobs(invitation):
    Attempt.objects.create(job=job_of(invitation), exception_class_path="OSError", message="m", traceback="secret")
    page = reverse("admin:invitations_invitation_change", args=[invitation.pk])
    answer = staff("view_invitation").get(page)
    assert "invited" in answer.text
    assert "secret" not in answer.text
    assert "secret" in staff("view_invitation", "view_job").get(page).text


def test_a_hostile_reason_of_a_provider_is_escaped(admin_client, invitation):
    ProviderEvent.objects.create(
        invitation=invitation,
        provider="<b>",
        event_id="1",
        kind="bounced",
        reason="<script>alert(1)</script>",
        happened_at=timezone.now(),
    )
    page = reverse("admin:invitations_invitation_change", args=[invitation.pk])
    assert "<script>alert" not in admin_client.get(page).text


def test_the_list_costs_few_statements(admin_client, ada, django_assert_max_num_queries):
    for number in range(12):
        invite(ada, f"guest-{number}@example.com")
    ending.cancel("default", [Invitation.objects.first().job_id], "ada")
    with django_assert_max_num_queries(16):
        admin_client.get(LIST)
