"""``manage.py rebuildthumbnails``: what the specs of today ask for and is not there, once, and nothing else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.thumbnails.articles.models import Article
from tests.thumbnails.running import make
from tests.thumbnails.samples import encoded, scene
from tests.thumbnails.test_races import at_once
from thumbnails import adopting, direct, rebuilding
from thumbnails.models import Picture, Rendition
from thumbnails.tasks import make_thumbnails
from workers.models import Job
from workers.testing import drain

pytestmark = pytest.mark.django_db

PNG = encoded(scene(80, 60), "PNG")
SPECS = {"small": (40, 40), "card": {"width": 30, "height": 30, "mode": "cover"}}


@pytest.fixture(autouse=True)
def specs(declare):
    declare(**SPECS)
    return declare


@pytest.fixture
def ready(add):
    """Pictures that lack nothing, and whose jobs are done."""
    pictures = [add(PNG) for _ in range(3)]
    for picture in pictures:
        make(picture.pk)
    Job.objects.update(state="SUCCESSFUL")
    return pictures


def rebuild(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuildthumbnails", *arguments, stdout=out)
    return out.getvalue().strip()


def waiting() -> set[str]:
    return {job.args[0] for job in Job.objects.filter(state="READY")}


def test_what_lacks_nothing_is_left_alone(ready):
    assert rebuild() == "0 pictures enqueued."
    assert waiting() == set()


def test_after_a_spec_changed_every_picture_is_enqueued_once_and_after_the_others(ready, specs):
    specs(**SPECS | {"small": (50, 50)})
    assert rebuild("--dry-run") == "3 pictures would be enqueued."
    assert waiting() == set()
    assert rebuild() == "3 pictures enqueued."
    assert waiting() == {str(picture.pk) for picture in ready}
    assert set(Job.objects.filter(state="READY").values_list("priority", "task")) == {
        (rebuilding.PRIORITY, make_thumbnails.module_path)
    }
    assert rebuild() == "0 pictures enqueued.", "they wait already"
    drain(raise_errors=True)
    assert rebuild() == "0 pictures enqueued."
    assert set(Rendition.objects.filter(name="small").values_list("width", flat=True)) == {50}


def test_a_picture_knows_the_job_that_rebuilds_it(ready, specs):
    specs(**SPECS, new=(10, 10))
    rebuild()
    for picture in Picture.objects.select_related("job"):
        assert picture.job.args == [str(picture.pk)]
        assert picture.job.state == "READY"


def test_pictures_come_page_by_page_and_a_run_that_was_stopped_is_taken_up(ready, specs, monkeypatch):
    monkeypatch.setattr(rebuilding, "PAGE", 1)
    specs(**SPECS, new=(10, 10))
    pages = rebuilding.rebuild()
    assert next(pages) == rebuilding.Page(seen=1, due=1)
    pages.close()
    assert rebuild() == "2 pictures enqueued."
    assert len(waiting()) == Job.objects.filter(state="READY").count() == 3


def test_of_a_page_the_number_of_queries_is_fixed(ready, add, specs, django_assert_max_num_queries):
    specs(**SPECS, new=(10, 10))
    for _ in range(20):
        add(PNG)
    Job.objects.update(state="SUCCESSFUL")
    with django_assert_max_num_queries(12):
        assert sum(page.due for page in rebuilding.rebuild()) == 23


def test_only_one_spec(ready, specs):
    ready[0].renditions.filter(name="card").delete()
    ready[1].renditions.filter(name="small").delete()
    assert rebuild("--only", "card") == "1 picture enqueued."
    assert waiting() == {str(ready[0].pk)}
    with pytest.raises(CommandError, match="no spec 'crad'; there are card, "):
        rebuild("--only", "crad")


def test_all_of_them_though_nothing_is_missing(ready, monkeypatch):
    monkeypatch.setattr(rebuilding, "PAGE", 2)
    assert rebuild("--all", "--only", "small", "--dry-run") == "3 pictures would be enqueued."
    assert rebuild("--all", "--only", "small") == "3 pictures enqueued."
    assert set(Rendition.objects.filter(spec_hash="").values_list("name", flat=True)) == {"small"}
    Job.objects.filter(state="READY").update(state="SUCCESSFUL")
    assert rebuild() == "3 pictures enqueued.", "what was marked is found by the next run, too"
    assert rebuild("--all") == "0 pictures enqueued."
    assert not Rendition.objects.exclude(spec_hash="").exists()
    drain(raise_errors=True)
    assert not Rendition.objects.filter(spec_hash="").exists()


def test_a_refused_picture_is_tried_again_only_with_all(add, settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_PIXELS": 10}
    picture = add(PNG)
    drain()
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_PIXELS": 10**6}
    assert rebuild() == "0 pictures enqueued."
    assert rebuild("--all") == "1 picture enqueued."
    drain(raise_errors=True)
    assert Picture.objects.with_state().get(pk=picture.pk).state == "ready"


def test_a_failed_picture_is_enqueued_and_an_upload_still_to_come_is_not(add, owner):
    picture = add(PNG)
    Job.objects.all().delete()
    coming = Picture.objects.create(owner=owner, name="coming", original="originals/coming", bytes=0)
    assert coming in direct.awaited()
    assert rebuild() == "1 picture enqueued."
    assert waiting() == {str(picture.pk)}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_shows_how_far_it_is(ready, specs, monkeypatch):
    monkeypatch.setattr(rebuilding, "PAGE", 2)
    specs(**SPECS, new=(10, 10))
    call_command("rebuildthumbnails", stdout=(terminal := Terminal()))
    assert terminal.getvalue() == "\r2 of 3 pictures\r3 of 3 pictures\n3 pictures enqueued.\n"


def test_stopped_by_hand_it_says_how_to_go_on(ready, specs, monkeypatch):
    def stopped(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuilding, "rebuild", stopped)
    with pytest.raises(CommandError, match="Run it again without --all"):
        rebuild()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_enqueue_each_picture_once(ready, specs):
    specs(**SPECS, new=(10, 10))
    at_once(*[lambda: list(rebuilding.rebuild())] * 3)
    assert Job.objects.filter(state="READY").count() == 3


class TestRowsOfOtherApps:
    def test_written_past_their_signals_get_their_pictures(self, media, files):
        (media / "originals").mkdir()
        for name in ("one", "two"):
            (media / "originals" / name).write_bytes(PNG)
        rows = [Article(title="One", photo="originals/one"), Article(title="Two"), Article(title="Three")]
        Article.objects.bulk_create(rows)
        Article.objects.filter(title="Three").update(photo="originals/two")
        told = "2 pictures would be enqueued, and 2 rows of other apps without their picture."
        assert rebuild("--dry-run") == told.replace("2 pictures", "0 pictures")
        assert rebuild() == "2 pictures enqueued."
        drain(raise_errors=True)
        assert {each.photo.picture.state for each in Article.objects.exclude(photo="")} == {"ready"}
        assert set(Picture.objects.values_list("bytes", flat=True)) == {len(PNG)}
        assert rebuild() == "0 pictures enqueued."

    def test_that_name_another_file_now_get_another_picture(self, media, files, committed):
        (media / "originals").mkdir()
        for name in ("one", "two"):
            (media / "originals" / name).write_bytes(encoded(scene(80, 60 if name == "one" else 50), "PNG"))
        article = Article.objects.create(title="One", photo="originals/one")
        drain(raise_errors=True)
        Article.objects.update(photo="originals/two")
        with committed():
            assert list(adopting.adopt()) == [1]
        assert files() == ["originals/two"]
        rebuild()
        drain(raise_errors=True)
        article = Article.objects.get()
        assert article.photo.picture.height == 50

    def test_a_picture_of_a_field_that_is_gone_is_left_alone(self, ready, specs):
        Picture.objects.filter(pk=ready[0].pk).update(field="articles.article.portrait", row="1", owner=None)
        specs(**SPECS, new=(10, 10))
        assert rebuild() == "2 pictures enqueued."
        make(ready[0].pk)
        assert ready[0].renditions.count() == 4
