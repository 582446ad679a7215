"""The last hours of every queue: what was counted, in the step in which it was, however it is read."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.test_figures import counted
from workers import clock
from workers.histories import Histories
from workers.models import Tally

pytestmark = [pytest.mark.contract, pytest.mark.django_db]


def histories(minutes: int, step: int = 1, backend: str = "default") -> Histories:
    return Histories("default", backend, minutes, step)


def test_there_is_an_entry_for_each_minute_up_to_now():
    counted(0, successful=1)
    counted(2, successful=5, failed=1, discarded=1, wait_0_1=4, run_1=4)
    counted(9, successful=77)
    found = histories(5).read()["default"]
    assert [each.at - found[0].at for each in found] == [timedelta(minutes=n) for n in range(5)]
    assert timedelta(0) <= clock.now("default") - found[-1].at < timedelta(minutes=2)
    assert [each.done for each in found if each.done] == [5, 1]
    [busy] = [each for each in found if each.failed]
    assert (busy.done, busy.failed) == (5, 2)
    assert (busy.wait_median, busy.run_median) == (pytest.approx(0.075), pytest.approx(0.75))
    assert found[0].wait_median is None


def test_every_queue_in_which_something_was_counted_has_its_own():
    counted(1, successful=1)
    counted(1, "thumbnailer", successful=2)
    done = {queue: sum(each.done for each in series) for queue, series in histories(60).read().items()}
    assert done == {"default": 1, "thumbnailer": 2}
    assert histories(60, backend="second").read() == {}


def test_steps_gather_minutes_and_begin_at_round_times():
    now = clock.now("default")
    for minutes_ago in range(30):
        counted(minutes_ago, now=now, successful=1, wait_0_1=1)
    found = histories(60, step=10).read()["default"]
    assert len(found) == 6
    assert all(each.at.minute % 10 == 0 and each.at.second == 0 for each in found)
    assert sum(each.done for each in found) == 30
    assert sorted(each.done for each in found)[-2:] == [10, 10]


@pytest.mark.parametrize(("minutes", "step"), [(60, 1), (60, 10), (1440, 20)])
def test_who_has_looked_before_sees_what_who_looks_first_sees(minutes, step):
    known = histories(minutes, step)
    for minutes_ago in (1440, 1439, 700, 60, 59, 21, 20, 19, 7, 3, 2, 1):
        counted(minutes_ago, successful=minutes_ago + 1, failed=2, wait_0_1=3, run_1=1)
    known.read()
    counted(0, "thumbnailer", discarded=1, run_60=7)
    before, found, after = histories(minutes, step).read(), known.read(), histories(minutes, step).read()
    # A minute may begin in between.
    assert found in (before, after)
    assert "thumbnailer" in found


def test_what_is_settled_is_not_read_again():
    known = histories(60)
    counted(30, successful=1)
    counted(0, successful=1)
    assert sum(each.done for each in known.read()["default"]) == 2
    Tally.objects.all().delete()
    counted(0, successful=5)
    assert sum(each.done for each in known.read()["default"]) == 6


def test_one_statement_and_the_clock_are_all_that_it_asks():
    for queue in ("default", "thumbnailer", "send-invite"):
        counted(1, queue, successful=1)
    with CaptureQueriesContext(connection) as queries:
        histories(1440, 20).read()
    assert len(queries) == 2
