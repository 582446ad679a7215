"""Many invitations at once: the preview, and sending it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from invitations.batches import sending
from invitations.batches.marks import Mark
from invitations.batches.progress import conclude, progress_of
from invitations.inviting import cancel, invite
from invitations.models import Batch, Invitation, Suppression
from tests.invitations.running import end_job
from tests.inviters import let_invite
from workers.models import Job, JobState
from workers.testing import drain


def marks_of(batch: Batch) -> dict[str, str]:
    return dict(batch.addresses)


def may_see_members(user: User) -> User:
    user.user_permissions.add(Permission.objects.get(codename="see_members"))
    return User.objects.get(pk=user.pk)


def guests(count: int) -> list[str]:
    return [f"guest-{number}@example.com" for number in range(count)]


def test_the_preview_marks_each_address_before_anything_is_sent(ada):
    invite(ada, "open@example.com")
    end_job(invite(ada, "failed@example.com"), JobState.FAILED)
    invite(ada, "accepted@example.com")
    Invitation.objects.filter(email="accepted@example.com").update(accepted_at=timezone.now())
    invite(User.objects.create_user("grace"), "of-grace@example.com")
    Suppression.objects.create(email="bounced@example.com")
    Suppression.objects.create(email="lifted@example.com", lifted_at=timezone.now())
    jobs = Job.objects.count()
    words = ["OPEN@example.com", "failed@example.com", "accepted@example.com", "of-grace@example.com"]
    words += ["bounced@example.com", "lifted@example.com", "nobody", "a@example.com\nBcc: b@example.com"]
    batch = sending.prepare(ada, words)
    assert Batch.objects.get().addresses == [
        ["open@example.com", "invited"],
        ["failed@example.com", "ready"],
        ["accepted@example.com", "ready"],
        ["of-grace@example.com", "ready"],
        ["bounced@example.com", "suppressed"],
        ["lifted@example.com", "ready"],
        ["nobody", "invalid"],
        ["a@example.com\nBcc: b@example.com", "invalid"],
    ]
    assert (batch.total, batch.sent_at, Job.objects.count()) == (8, None, jobs)


def test_the_same_address_twice_is_invited_once(ada):
    batch = sending.prepare(ada, ["Guest@example.com", "guest@example.com ", "nobody", "nobody"])
    assert [mark for address, mark in batch.addresses] == ["ready", "duplicate", "invalid", "invalid"]


def test_only_who_may_know_it_is_told_who_has_an_account(ada):
    User.objects.create_user("grace", email="Grace@Example.com")
    assert marks_of(sending.prepare(ada, ["grace@example.com"])) == {"grace@example.com": "ready"}
    assert marks_of(sending.prepare(may_see_members(ada), ["grace@example.com"])) == {"grace@example.com": "member"}


def test_an_address_that_is_invited_too_often_waits(ada, settings):
    settings.INVITATION_LIMITS = settings.INVITATION_LIMITS | {"PER_RECIPIENT": 1}
    invite(User.objects.create_user("grace"), "often@example.com")
    batch = sending.prepare(ada, ["often@example.com", "seldom@example.com"])
    assert marks_of(batch) == {"often@example.com": "later", "seldom@example.com": "ready"}


def test_sending_makes_an_invitation_and_its_own_job_for_each(ada):
    batch = sending.prepare(ada, [*guests(3), "nobody"])
    sent, first = sending.send(ada, batch.pk, "192.0.2.1")
    assert (first, sent.total, sent.addresses) == (True, 3, [["nobody", "invalid"]])
    made = Invitation.objects.filter(batch=batch)
    assert {each.email for each in made} == set(guests(3))
    for each in made:
        job = Job.objects.get(pk=each.job_id)
        assert (job.task, job.args, job.owner) == ("invitations.tasks.send_invite", [str(each.pk)], str(ada.pk))
        assert each.origin == "192.0.2.1"
    assert len({each.key for each in made}) == 3


def test_its_rows_are_as_a_single_invitation_would_be(ada):
    batch = sending.prepare(ada, guests(3))
    Batch.objects.update(note="Come and see!")
    sending.send(ada, batch.pk, "2001:db8::")
    single = invite(ada, "single@example.com", "Come and see!", "2001:db8::")
    rows = [model_to_dict(each) for each in [*Invitation.objects.filter(batch=batch), single]]
    for row in rows:
        assert row.pop("email") in {*guests(3), "single@example.com"}
        assert row.pop("job")
        assert row.pop("batch") == (batch.pk if row is not rows[-1] else None)
    assert rows[0] == rows[1] == rows[2] == rows[3]
    assert len({each.key for each in Invitation.objects.all()}) == 4
    assert all(each.created_at for each in Invitation.objects.all())
    assert set(Invitation.objects.values_list("origin", flat=True)) == {"2001:db8::"}


def test_each_of_a_batch_is_mailed_once(ada, mailoutbox):
    sending.send(ada, sending.prepare(ada, guests(3)).pk)
    drain(raise_errors=True)
    assert sorted(mail.to for mail in mailoutbox) == [[address] for address in guests(3)]
    assert {each.state for each in Invitation.objects.with_state()} == {"sent"}


def test_a_second_click_sends_nothing_more(ada):
    batch = sending.prepare(ada, guests(2))
    assert sending.send(ada, batch.pk)[1] is True
    assert sending.send(ada, batch.pk)[1] is False
    assert Invitation.objects.count() == Job.objects.count() == 2


def test_what_has_changed_since_the_preview_is_looked_at_again(ada):
    batch = sending.prepare(ada, guests(3))
    invite(ada, guests(1)[0])
    Suppression.objects.create(email=guests(2)[1])
    sent, _ = sending.send(ada, batch.pk)
    assert [each.email for each in Invitation.objects.filter(batch=batch)] == [guests(3)[2]]
    assert dict(sent.addresses) == {guests(1)[0]: "invited", guests(2)[1]: "suppressed"}


def test_a_batch_of_which_nothing_is_left_says_so(ada):
    batch = sending.prepare(ada, guests(1))
    invite(ada, guests(1)[0])
    with pytest.raises(ValidationError, match="none of these addresses"):
        sending.send(ada, batch.pk)
    assert Batch.objects.get().sent_at is None


def test_nobody_sends_anothers_batch(ada):
    batch = sending.prepare(User.objects.create_user("grace"), guests(1))
    with pytest.raises(Batch.DoesNotExist):
        sending.send(ada, batch.pk)
    with pytest.raises(Batch.DoesNotExist):
        sending.send(ada, uuid4())


def test_a_batch_beyond_the_days_limit_is_not_sent_in_part(ada, settings):
    settings.INVITATION_LIMITS = settings.INVITATION_LIMITS | {"PER_DAY": 3}
    sending.send(ada, sending.prepare(ada, guests(2)).pk)
    other = sending.prepare(ada, ["x@example.com", "y@example.com"])
    with pytest.raises(ValidationError, match=r"more than 3 people a day in your batches\. Try again after \d"):
        sending.send(ada, other.pk)
    with pytest.raises(ValidationError, match=r"these are 4\. Make the batch smaller"):
        sending.send(ada, sending.prepare(ada, [f"z{n}@example.com" for n in range(4)]).pk)
    assert Invitation.objects.count() == Job.objects.count() == 2


def test_old_previews_are_dropped_and_what_was_sent_stays(ada):
    sent = sending.prepare(ada, guests(1))
    sending.send(ada, sent.pk)
    newest = [sending.prepare(ada, ["x@example.com"]).pk for _ in range(sending.PREVIEWS_KEPT + 2)]
    kept = set(Batch.objects.values_list("pk", flat=True))
    assert kept == {sent.pk, *newest[-sending.PREVIEWS_KEPT :]}


def statements(act) -> CaptureQueriesContext:
    with CaptureQueriesContext(connection) as captured:
        act()
    return captured


def reads(captured: CaptureQueriesContext) -> int:
    return sum(query["sql"].startswith("SELECT") for query in captured)


def test_two_thousand_addresses_cost_no_more_questions_than_twenty(ada):
    ada = may_see_members(ada)
    assert ada.has_perm("invitations.see_members")  # asked once, and then remembered
    few, many = guests(20), [f"many-{number}@example.com" for number in range(2000)]
    previews = [statements(lambda words=words: sending.prepare(ada, words)) for words in (few, many)]
    assert len(previews[0]) == len(previews[1]) <= 16
    batches = list(Batch.objects.order_by("created_at"))
    sent = [statements(lambda batch=batch: sending.send(ada, batch.pk)) for batch in batches]
    assert Invitation.objects.count() == 2020
    assert reads(sent[0]) == reads(sent[1]) <= 12
    if connection.vendor == "postgresql":  # SQLite takes few rows in one statement
        assert len(sent[1]) <= len(sent[0]) + 4


def test_progress_is_counted_in_one_statement(ada, django_assert_num_queries):
    batch, _ = sending.send(ada, sending.prepare(ada, guests(4)).pk)
    first, second, *_rest = Invitation.objects.all()
    cancel(ada, first.pk)
    end_job(second, JobState.RUNNING)
    with django_assert_num_queries(1):
        progress = progress_of(batch)
    assert {outcome.state: outcome.count for outcome in progress.outcomes} == {
        "queued": 2,
        "sending": 1,
        "cancelled": 1,
    }
    assert (progress.done, progress.total, progress.is_complete) == (1, 4, False)
    conclude(batch, progress)
    assert Batch.objects.get().finished_at is None


def test_a_batch_is_finished_when_its_last_mail_is_settled_whenever_somebody_looks(ada):
    batch, _ = sending.send(ada, sending.prepare(ada, guests(2)).pk)
    drain(raise_errors=True)
    conclude(batch, progress_of(batch))
    finished = Batch.objects.get().finished_at
    sent = Invitation.objects.values_list("sent_at", flat=True)
    assert finished == max([*Job.objects.exclude(finished_at=None).values_list("finished_at", flat=True), *sent])
    # Sent again later, which does not begin the batch anew.
    Invitation.objects.update(sent_at=timezone.now())
    again = Batch.objects.get()
    conclude(again, progress_of(again))
    assert Batch.objects.get().finished_at == finished


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_send_a_batch_once():
    ada = User.objects.create_user("ada")
    let_invite(ada)
    batch = sending.prepare(ada, guests(3))

    def click(_):
        try:
            return sending.send(ada, batch.pk)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == [False, False, False, True]
    assert Invitation.objects.count() == Job.objects.count() == 3


def test_every_mark_has_its_words():
    assert all(mark.label and mark.tone for mark in Mark)
