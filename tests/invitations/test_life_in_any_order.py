"""People, workers, the provider and the clock in any order: no mail twice, and no state that says what is not so."""

from collections import Counter
from datetime import timedelta
from smtplib import SMTPDataError, SMTPServerDisconnected
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from invitations import inviting
from invitations.mail import message_id, name_of_mail
from invitations.models import Invitation, Suppression
from invitations.states import InvitationState, live_links
from tests.invitations.running import attempt, end_job, job_of
from workers import Discard, Retry, steering
from workers.models import Job, JobState

NOTHING_WAS_SENT = {"queued", "retrying", "failed", "discarded", "cancelled"}
KINDS = [value for name, value in vars(EventType).items() if name.isupper()]


class Killed(BaseException):
    """The worker's process is gone."""


class Scripted:
    """A mail server that ends each conversation as told; ``mailed`` counts what it kept, by Message-ID."""

    ending: BaseException | None = None
    mailed: Counter[str] = Counter()

    def __init__(self, **options: Any) -> None:
        pass

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def send_messages(self, messages: list[Any]) -> int:
        found = Invitation.objects.get()
        assert found.accepted_at is None
        assert Invitation.objects.filter(live_links()).exists()
        assert not Suppression.objects.filter(email=found.email).exists()
        if not isinstance(self.ending, SMTPDataError):
            self.mailed[messages[0].extra_headers["Message-ID"]] += 1
        if self.ending:
            raise self.ending
        return 1


ENDINGS = {
    "kept": None,
    "later": SMTPDataError(451, b"later"),
    "never": SMTPDataError(554, b"never"),
    "lost": SMTPServerDisconnected("gone"),
    "killed": Killed(),
}


class Life(RuleBasedStateMachine):
    ada: Any

    @initialize()
    def begin(self) -> None:
        for model in (Invitation, Job, Suppression):
            model._default_manager.all().delete()
        Scripted.mailed = Counter()
        self.pk = inviting.invite(self.ada, "guest@example.com").pk
        self.accepted = False
        self.jobs = [self.found.job_id]

    @property
    def found(self) -> Invitation:
        return Invitation.objects.with_state().get(pk=self.pk)

    @rule(endings=st.lists(st.sampled_from(sorted(ENDINGS)), min_size=1, max_size=3), which=st.integers(0, 2))
    def workers_run_it(self, endings: list[str], which: int) -> None:
        """The newest of its jobs, or one that was replaced."""
        run = Invitation(pk=self.pk, job_id=self.jobs[-1 - which % len(self.jobs)])
        for ending in endings:
            if job_of(run).state != JobState.CANCELLED:
                self.run(run, ENDINGS[ending])

    def run(self, run: Invitation, ending: BaseException | None) -> None:
        Scripted.ending = ending
        try:
            attempt(run)
        except Killed:
            end_job(run, JobState.READY, attempts=0, rescues=1)
        except Retry:
            end_job(run, JobState.SCHEDULED, attempts=1)
        except Discard:
            end_job(run, JobState.DISCARDED, attempts=1)
        else:
            end_job(run, JobState.SUCCESSFUL, attempts=1)

    @rule(kind=st.sampled_from(KINDS), hours=st.integers(0, 3))
    def the_provider_tells(self, kind: str, hours: int) -> None:
        found = self.found
        if message_id(found) not in Scripted.mailed:
            return
        event = AnymailTrackingEvent(
            event_type=kind,
            timestamp=timezone.now() - timedelta(hours=hours),
            metadata={"invitation": str(self.pk), "mail": name_of_mail(found)},
            recipient="guest@example.com",
            esp_event={},
        )
        tracking.send(object(), event=event, esp_name="Test")

    @rule(act=st.sampled_from([inviting.send_again, inviting.cancel, inviting.revoke]))
    def the_inviter_acts(self, act: Any) -> None:
        try:
            act(self.ada, self.pk)
        except ValidationError:
            return
        if self.found.job_id not in self.jobs:
            self.jobs.append(self.found.job_id)

    @rule()
    def an_operator_has_it_tried_again(self) -> None:
        job = self.found.job_id
        assert job
        steering.retry([job])

    @rule()
    def an_operator_allows_the_address_again(self) -> None:
        Suppression.objects.all().delete()

    @rule()
    def its_days_pass(self) -> None:
        Invitation.objects.exclude(expires_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))

    @rule()
    def the_guest_accepts(self) -> None:
        before = self.found.state
        if message_id(self.found) in Scripted.mailed and inviting.accept(self.found):
            assert before not in {"revoked", "expired"}
            self.accepted = True

    @invariant()
    def no_link_is_mailed_twice(self) -> None:
        assert all(count == 1 for count in Scripted.mailed.values())

    @invariant()
    def nothing_undoes_an_acceptance(self) -> None:
        if self.accepted:
            assert self.found.state == InvitationState.ACCEPTED

    @invariant()
    def a_mail_that_may_have_left_is_never_called_not_sent(self) -> None:
        if message_id(self.found) in Scripted.mailed:
            assert self.found.state not in NOTHING_WAS_SENT

    @invariant()
    def a_link_that_is_out_has_an_end(self) -> None:
        if message_id(self.found) in Scripted.mailed:
            assert self.found.expires_at


@pytest.mark.timeout(120)
def test_no_order_of_events_mails_twice_or_tells_a_lie(ada, settings_of_mail):
    run_state_machine_as_test(
        lambda: type("LifeOfAda", (Life,), {"ada": ada})(),
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            # Twelve steps can be read as they are, and making them fewer takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_mail(settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Scripted"
