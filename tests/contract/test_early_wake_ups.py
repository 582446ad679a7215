"""A wake-up leaves while its job is being written, and may be faster."""

from uuid import uuid4

import pytest
from channels.layers import get_channel_layer

from tests import tasks
from workers.assignment import Assignment
from workers.claims import Claims
from workers.conf import Options
from workers.inbox import Woken
from workers.lookout import Lookout
from workers.maintenance import Maintenance
from workers.notifier import notifier
from workers.pace import Pace
from workers.wake_ups import LULL, WakeUps

pytestmark = [pytest.mark.contract, pytest.mark.django_db]


class Listener:
    """What a ledger does about messages, turn by turn."""

    def __init__(self):
        at = Assignment("default", "default", ("default",), 2, Options())
        self.claims = Claims(at, Pace(slots=2))
        self.lookout = Lookout(at, Maintenance(at, lambda jobs: None), self.claims)
        self.wake_ups = WakeUps(self.claims, self.lookout)
        assert self.turn() == []

    def hear(self):
        self.wake_ups.heard(Woken("default", str(uuid4())))

    def turn(self):
        """The jobs taken; None: there was nothing to look for."""
        room = self.claims.appetite([], ())
        taken = self.claims.take(room, "listener") if room else None
        self.wake_ups.answer(bool(taken))
        return taken

    def turns(self):
        """How often it looks until it has enough."""
        return len(list(iter(self.turn, None)))


@pytest.fixture
def listener():
    return Listener()


def test_nothing_is_looked_for_without_a_message(listener):
    assert listener.turns() == 0


def test_a_job_that_is_committed_between_two_looks_is_taken_without_another_message(listener):
    listener.hear()
    assert listener.turn() == []
    result = tasks.note.enqueue("late")
    [job] = listener.turn()
    assert str(job.id) == result.id


def test_a_message_about_nothing_costs_two_looks_and_a_row_of_them_one_each(listener, monkeypatch):
    # However long the database takes, they come in a row.
    monkeypatch.setattr("workers.wake_ups.LULL", 1000 * LULL)
    for looks in (2, 1, 1):
        listener.hear()
        assert listener.turns() == looks


def test_a_job_that_is_there_costs_no_second_look(listener):
    tasks.note.enqueue("there")
    listener.hear()
    assert len(listener.turn()) == 1
    assert listener.turns() == 0


def test_who_has_no_slot_free_passes_the_message_on_at_once(listener, settings):
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "tests.workers.layers.RecordingLayer"}}
    listener.hear()
    listener.wake_ups.answer(claimed=False)
    notifier.flush(5)
    assert get_channel_layer().sent == ["default"]
