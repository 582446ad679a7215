"""Two at once, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from tests.thumbnails.running import make
from thumbnails import actions
from thumbnails.models import Picture, Rendition
from workers.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each call returned, all having begun together. Raises what any of them raised."""
    start = Barrier(len(calls))

    def run(call):
        start.wait(10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_of_two_runs_of_one_picture_one_leaves_its_files(add, files):
    picture = add()
    at_once(*[lambda: make(picture.pk)] * 3)
    assert Rendition.objects.count() == 6
    kept = [str(name) for name in Rendition.objects.values_list("file", flat=True)]
    assert files() == sorted([str(picture.original), *kept])


def test_of_two_wishes_to_try_again_one_is_granted(add):
    picture = add()
    Job.objects.update(state="FAILED")
    assert sorted(at_once(*[lambda: actions.try_again(picture.pk)] * 3)) == [False, False, True]
    assert Job.objects.filter(state="READY").count() == 1


def test_a_picture_deleted_while_it_is_rendered_leaves_no_file(add, files):
    picture = add()
    at_once(lambda: make(picture.pk), lambda: actions.remove(picture.pk))
    assert not Picture.objects.exists()
    assert files() == []
