"""The pages of a batch over HTTP, and its progress over the socket."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from invitations.batches import forms, sending
from invitations.batches.live import render
from invitations.models import Batch, Invitation
from tests.live_page import live_page, on_one_loop, sync
from workers.models import Job
from workers.testing import drain

NEW = "/invitations/batch/"
THREE = "a@example.com, b@example.com; nobody"


@pytest.fixture
def signed_in(client, ada) -> Client:
    client.force_login(ada)
    return client


def page_of(batch: Batch) -> str:
    return reverse("invitations:batch", args=[batch.pk])


def send_of(batch: Batch) -> str:
    return reverse("invitations:batch_send", args=[batch.pk])


def test_from_pasting_to_the_summary(signed_in):
    assert NEW in signed_in.get("/invitations/").text
    preview = signed_in.post(NEW, {"pasted": THREE}, follow=True)
    assert "3 addresses, nothing sent yet" in preview.text
    assert "Send 2 invitations" in preview.text
    assert "not a valid address" in preview.text
    assert not Job.objects.exists()
    batch = Batch.objects.get()
    sent = signed_in.post(send_of(batch), follow=True)
    assert "2 invitations are on their way." in sent.text
    assert '<progress value="0" max="2"' in sent.text
    assert "nobody" in sent.text
    drain(raise_errors=True)
    done = signed_in.get(page_of(batch)).text
    assert "Finished on" in done
    assert "sent</span>: 2" in done
    assert "<progress" not in done


def test_ones_batches_are_listed_and_their_notes_are_text(signed_in):
    preview = signed_in.post(NEW, {"pasted": THREE, "note": "Join\nus <b>all</b>"}, follow=True)
    assert "Join us &lt;b&gt;all&lt;/b&gt;" in preview.text
    assert "looked at, not sent" in signed_in.get(NEW).text
    signed_in.post(send_of(Batch.objects.get()))
    assert ": 2 invited" in signed_in.get(NEW).text


@pytest.mark.parametrize("note", ["see www.example.com", "x" * 501])
def test_a_note_with_links_or_too_long_is_refused_and_nothing_is_kept(signed_in, ada, note):
    answer = signed_in.post(NEW, {"pasted": THREE, "note": note})
    assert "errorlist" in answer.text
    with pytest.raises(ValidationError):
        sending.prepare(ada, ["a@example.com"], note)
    assert not Batch.objects.exists()


def test_nobody_sees_anothers_batches_in_his_list(signed_in):
    sending.prepare(User.objects.create_user("grace"), ["secret@example.com"])
    assert "looked at, not sent" not in signed_in.get(NEW).text


def test_a_file_is_taken_with_what_is_pasted(signed_in):
    file = SimpleUploadedFile("guests.csv", "Name;Email\nZoë;zoe@example.com\n".encode("latin-1"))
    signed_in.post(NEW, {"pasted": "a@example.com", "file": file})
    assert [address for address, mark in Batch.objects.get().addresses] == ["a@example.com", "zoe@example.com"]


@pytest.mark.parametrize(
    ("pasted", "file", "told"),
    [
        ("", None, "There is no address in it."),
        (" ,;\n", None, "There is no address in it."),
        ("", b"", "There is no address in it."),
        ("a@example.com", b"PK\x00\x00", "Save the table as CSV"),
        ("a@example.com b@example.com c@example.com", None, "These are more than 2 addresses."),
        ("", b"x" * (forms.LARGEST_FILE + 1), "The file is larger than 5 MB."),
    ],
)
def test_what_cannot_be_a_batch_is_refused_with_the_cure(signed_in, settings, pasted, file, told):
    settings.INVITATION_LIMITS = settings.INVITATION_LIMITS | {"PER_BATCH": 2}
    fields = {"pasted": pasted} | ({"file": SimpleUploadedFile("guests.csv", file)} if file is not None else {})
    answer = signed_in.post(NEW, fields)
    assert answer.status_code == 200
    assert told in answer.text
    assert not Batch.objects.exists()


def test_the_preview_comes_in_pages_and_by_mark(signed_in, ada):
    words = [f"guest-{number}@example.com" for number in range(250)] + ["<script>nobody</script>"]
    batch = sending.prepare(ada, words)
    second = signed_in.get(page_of(batch), {"page": "2"}).text
    assert "guest-100@example.com" in second
    assert "guest-99@example.com" not in second
    assert "Page 2 of 3" in second
    invalid = signed_in.get(page_of(batch), {"mark": "invalid"}).text
    assert "guest-" not in invalid
    assert "<script>nobody" not in invalid
    assert signed_in.get(page_of(batch), {"mark": "<b>", "page": "x"}).status_code == 200


def test_a_second_click_is_told_that_nothing_was_sent_twice(signed_in, ada):
    batch = sending.prepare(ada, ["a@example.com"])
    signed_in.post(send_of(batch))
    assert "Nothing was sent twice." in signed_in.post(send_of(batch), follow=True).text
    assert Invitation.objects.count() == 1


def test_a_batch_that_cannot_be_sent_says_why_and_stays(signed_in, ada, settings):
    settings.INVITATION_LIMITS = settings.INVITATION_LIMITS | {"PER_DAY": 1}
    batch = sending.prepare(ada, ["a@example.com", "b@example.com"])
    answer = signed_in.post(send_of(batch), follow=True)
    assert "Make the batch smaller." in answer.text
    assert "Send 2 invitations" in answer.text


def test_somebody_elses_batch_is_not_there(signed_in):
    grace = User.objects.create_user("grace")
    batch = sending.prepare(grace, ["secret@example.com"])
    assert signed_in.get(page_of(batch)).status_code == 404
    assert signed_in.post(send_of(batch)).status_code == 404
    assert not Invitation.objects.exists()


def test_sending_takes_a_post_that_is_not_forged(ada, signed_in):
    batch = sending.prepare(ada, ["a@example.com"])
    assert signed_in.get(send_of(batch)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(send_of(batch)).status_code == 403
    assert not Invitation.objects.exists()


@pytest.mark.django_db(transaction=True)
@on_one_loop
async def test_the_bar_moves_by_itself_and_ends_with_a_summary(signed_in, ada):
    batch, _ = await sync(sending.send, ada, (await sync(sending.prepare, ada, ["a@example.com"])).pk)
    async with live_page(signed_in, f"source=batch&batch={batch.pk}") as page:
        assert '<progress value="0" max="1"' in await page.pushed()
        await sync(drain)
        assert "Finished on" in await page.pushed_with("sent</span>: 1")


@pytest.mark.parametrize("batch", ["another's", "", "no id"])
def test_the_socket_shows_nobody_elses_batch(ada, batch):
    sent, _ = sending.send(ada, sending.prepare(ada, ["a@example.com"]).pk)
    assert "queued" in render(ada, {"batch": str(sent.pk)}, None)
    assert (
        render(User.objects.create_user("grace"), {"batch": str(sent.pk) if batch == "another's" else batch}, None)
        == ""
    )


def test_a_preview_has_no_progress(ada):
    assert render(ada, {"batch": str(sending.prepare(ada, ["a@example.com"]).pk)}, None) == ""


def test_the_note_is_shown_before_and_stands_in_every_mail(signed_in):
    refused = signed_in.post(NEW, {"pasted": THREE, "note": "look at www.example.com"})
    assert "Write the note without links" in refused.text
    preview = signed_in.post(NEW, {"pasted": THREE, "note": "Come & see!"}, follow=True)
    assert "Each mail says: “Come &amp; see!”" in preview.text
    signed_in.post(send_of(Batch.objects.get()))
    drain(raise_errors=True)
    assert ["Come & see!" in each.body for each in mail.outbox] == [True, True]
