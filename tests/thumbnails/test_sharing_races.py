"""A file that rows share is removed with the last of them, whoever copies and deletes rows at that moment."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from django.db import connection, connections, transaction

from tests.thumbnails.running import make
from tests.thumbnails.samples import encoded, scene
from tests.thumbnails.test_races import at_once
from tests.waiting import wait_until
from thumbnails import actions, recording, sharing
from thumbnails.conf import Rules
from thumbnails.models import Picture, Rendition

pytestmark = pytest.mark.django_db(transaction=True)

PNG = encoded(scene(120, 90), "PNG")
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


@pytest.fixture(autouse=True)
def specs(settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": {"small": (60, 60), "card": (30, 30)}}


@pytest.fixture
def row_locks(db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time, and locks no rows.")


@pytest.fixture
def beside():
    """``beside(call)`` runs it on a connection of its own."""

    def run(call):
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        yield lambda call: thread.submit(run, call)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone() is not None


def assert_every_file_is_there_and_named(files) -> None:
    originals = Picture.objects.values_list("original", flat=True)
    assert set(files()) == {*map(str, originals), *map(str, Rendition.objects.values_list("file", flat=True))}


def test_a_deletion_waits_for_whoever_copies_its_rows(add, files, beside, row_locks):
    first, second = add(PNG), add(PNG)
    make(first.pk)
    begun = recording.begin(second, Rules.current().specs, PNG)
    shared = sharing.find(begun.digest, begun.lacking, second.focal)
    with transaction.atomic():
        recording.keep(replace(begun, shared=shared, told=shared.told))
        removed = beside(lambda: actions.remove(first.pk))
        wait_until(somebody_waits, "the deletion waits")
    removed.result(10)
    assert Rendition.objects.count() == 4
    assert_every_file_is_there_and_named(files)


def test_whoever_finds_rows_being_deleted_waits_and_renders_himself(add, files, beside, row_locks):
    first, second = add(PNG), add(PNG)
    make(first.pk)
    with transaction.atomic():
        actions.remove(first.pk)
        made = beside(lambda: make(second.pk))
        wait_until(somebody_waits, "the run waits")
    made.result(45)
    assert Rendition.objects.filter(picture=second).count() == 4
    assert_every_file_is_there_and_named(files)


def test_of_two_identical_uploads_rendered_at_once_each_has_all_its_files(add, files):
    one, other = add(PNG), add(PNG)
    at_once(lambda: make(one.pk), lambda: make(other.pk))
    assert Rendition.objects.count() == 8
    assert_every_file_is_there_and_named(files)
    actions.remove(one.pk)
    assert_every_file_is_there_and_named(files)


def test_two_deletions_and_a_copy_at_once_leave_every_file_that_is_named_and_no_other(add, files):
    for _ in range(8):
        one, other, new = (add(PNG).pk for _ in range(3))
        make(one), make(other)
        at_once(partial(actions.remove, one), partial(actions.remove, other), partial(make, new))
        assert Rendition.objects.filter(picture=new).count() == 4
        assert_every_file_is_there_and_named(files)
        actions.remove(new)
        assert files() == []
