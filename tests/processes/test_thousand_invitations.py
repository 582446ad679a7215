"""A thousand invitations, and by another provider some hundred, while workers are killed again and again in the worst
moment: while mails are under way."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from invitations.batches import sending
from invitations.inviting import send_again
from invitations.models import Invitation
from tests.invitations.http_provider import KEY, HttpProvider
from tests.inviters import let_invite
from tests.processes.crew import Crew, is_gone
from tests.processes.mailbox import Mailbox
from workers.models import Job, JobState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

GUESTS = [f"guest-{number}@example.com" for number in range(1000)]
SLOTS = 4
PROCESSES = 2
KILLED_AFTER = [100, 400, 700]
"""Mails."""
FEWER, FEWER_KILLED_AFTER = GUESTS[:250], [50, 150]
PATIENCE = 60


def invited_by_ada(guests: list[str]) -> User:
    ada = User.objects.create_user("ada")
    let_invite(ada)
    sending.send(ada, sending.prepare(ada, guests).pk)
    return ada


@pytest.fixture
def resend(crew: Crew) -> Iterator[HttpProvider]:
    provider = HttpProvider()
    provider.start()
    chosen = {"EMAIL_PROVIDER": "resend", "RESEND_API_KEY": KEY, "RESEND_API_URL": provider.url}
    crew.site.env |= chosen | {"WEBHOOK_SECRET": f"anymail:{KEY * 2}", "NO_PROXY": "127.0.0.1"}
    yield provider
    provider.stop()


def start(crew: Crew) -> None:
    crew.start(f"send-invite --concurrency {SLOTS}", processes=PROCESSES)


def tally() -> dict[str, int]:
    return Counter(Invitation.objects.with_state().values_list("state", flat=True))  # type: ignore[misc]


def wait_for_all(crew: Crew) -> None:
    # By their jobs: what is unknown already is still run once more by whoever rescued it.
    left = Invitation.objects.filter(job__state__in=[JobState.SCHEDULED, JobState.READY, JobState.RUNNING])
    crew.wait(lambda: not left.exists(), "all to end", PATIENCE)


def kill(crew: Crew, pid: int) -> None:
    crew.kill(pid)
    crew.wait(lambda: is_gone(pid), "the worker to be dead")


def test_by_smtp_a_mail_is_sent_twice_only_if_a_person_decides_what_nobody_can_know(crew, mailbox: Mailbox):
    ada = invited_by_ada(GUESTS)
    start(crew)

    def all_are_there() -> bool:
        children = crew.children()
        return len(children) == PROCESSES and crew.pids() >= {*children}

    for number, mails in enumerate(KILLED_AFTER):
        crew.wait(lambda mails=mails: len(mailbox.accepted) >= mails, f"{mails} mails", PATIENCE)
        crew.wait(all_are_there, "all workers to be there", PATIENCE)
        mailbox.hold()
        # More than one of them has slots: each waits for an answer to some mail.
        crew.wait(lambda: mailbox.held > SLOTS, "both workers to be in the middle of a mail")
        kill(crew, crew.children()[number % PROCESSES])
        mailbox.let_go()
    wait_for_all(crew)

    assert set(tally()) == {"sent", "unknown"}
    unknown = Invitation.objects.with_state().filter(state="unknown")  # type: ignore[misc]
    in_doubt = set(unknown.values_list("email", flat=True))
    assert set(mailbox.accepted.values()) == {1}, "a second mail was sent blindly"
    assert set(GUESTS) - set(mailbox.accepted) <= in_doubt, "lost, and not marked so"
    assert in_doubt & set(mailbox.accepted), "no worker died between the hand-over and its record"
    assert len(in_doubt) <= SLOTS * len(KILLED_AFTER)
    rescued = Job.objects.filter(rescues__gt=0)
    assert not unknown.exclude(job__in=rescued).exists(), "unknown, though its worker lived"
    assert all("cut off" in invitation.explanation for invitation in unknown)

    for invitation in unknown:
        send_again(ada, invitation.pk)
    wait_for_all(crew)
    assert tally() == {"sent": len(GUESTS)}
    assert set(mailbox.accepted) == set(GUESTS)
    assert {email for email, count in mailbox.accepted.items() if count > 1} <= in_doubt


def test_where_the_provider_knows_a_mail_again_each_arrives_once_and_nothing_is_unknown(crew, resend: HttpProvider):
    invited_by_ada(FEWER)
    start(crew)
    for mails in FEWER_KILLED_AFTER:
        crew.wait(lambda mails=mails: len(resend.mails) >= mails, f"{mails} mails", PATIENCE)
        crew.wait(lambda: len(crew.children()) == PROCESSES, "all workers to be there")
        resend.behaviour, stalled = "stall", resend.stalled
        crew.wait(lambda stalled=stalled: resend.stalled >= stalled + PROCESSES * SLOTS, "all slots to wait")
        for pid in crew.children():
            kill(crew, pid)
        resend.behaviour = "accept"
    wait_for_all(crew)

    assert tally() == {"sent": len(FEWER)}
    assert Counter(mail["to"][0] for mail in resend.mails.values()) == dict.fromkeys(FEWER, 1)
    asked = Counter(resend.keys)
    assert sum(count > 1 for count in asked.values()) >= PROCESSES * SLOTS, "nothing was in doubt"
    first: dict[str, object] = {}
    for key, (_, mail) in zip(resend.keys, resend.requests, strict=True):
        assert first.setdefault(key, mail) == mail, "another mail under the same key, which Resend refuses"
    assert not Invitation.objects.filter(sent_at__lt=F("sending_at")).exists()
