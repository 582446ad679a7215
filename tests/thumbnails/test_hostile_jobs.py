"""What becomes of the job, and of those beside it, when a picture kills, holds or starves its decoder."""

import pytest

from tests.running_worker import running_worker
from tests.thumbnails.test_decoding import lives
from tests.thumbnails.watched_pool import WatchedPool
from tests.waiting import wait_until
from thumbnails import actions
from thumbnails.decoding.apart import BROKE_OFF, too_slow
from thumbnails.models import Picture
from thumbnails.refusals import TOO_DEMANDING
from workers.models import Job
from workers.testing import drain


def shown(picture: Picture) -> Picture:
    return Picture.objects.with_state().get(pk=picture.pk)


def held_of(pool: WatchedPool) -> list[int]:
    """The processes that are at work on a picture."""
    waiting = [each.pid for each in pool.idle]
    return [pid for pid in pool.lent if lives(pid) and pid not in waiting]


@pytest.mark.django_db
def test_the_row_says_why_and_the_next_job_is_done(pool, add, settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_SECONDS": 3}
    crashing, hanging, starving, sound = add(b"crash"), add(b"sleep"), add(b"allocate"), add()
    drain()
    assert [(shown(each).state, shown(each).error) for each in (crashing, hanging, starving, sound)] == [
        ("refused", BROKE_OFF),
        ("refused", too_slow(3)),
        ("refused", TOO_DEMANDING),
        ("ready", ""),
    ]
    assert sorted(Job.objects.values_list("state", "attempts")) == [("DISCARDED", 1)] * 3 + [("SUCCESSFUL", 1)]


@pytest.mark.django_db(transaction=True)
def test_while_one_hangs_others_are_done_and_calling_it_off_ends_its_decoder(pool, add, options):
    options(HEARTBEAT_INTERVAL=0.1, CONCURRENCY=2)
    hanging, sound = add(b"sleep"), add()
    with running_worker("thumbnailer"):
        wait_until(lambda: shown(sound).state == "ready", "the neighbour is rendered", 45)
        assert shown(hanging).state == "working"
        held = wait_until(lambda: held_of(pool), "the other one is with its decoder")
        actions.cancel(hanging)
        wait_until(lambda: shown(hanging).state == "cancelled", "it is cancelled")
        wait_until(lambda: not lives(held[0]), "its decoder is ended")


@pytest.mark.django_db
def test_a_worker_that_can_start_no_decoder_keeps_the_picture_for_later(pool, add, monkeypatch):
    picture = add()
    with monkeypatch.context() as broken:
        broken.setattr("thumbnails.decoding.decoder.PROGRAM", "thumbnails.no_such_program")
        drain()
    assert shown(picture).state == "retrying"
    drain(scheduled=True, raise_errors=True)
    assert shown(picture).state == "ready"
