"""The task: idempotent, clean behind itself, and clear about what it refuses."""

import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from PIL import Image

from tests.thumbnails.running import keep_late, make
from tests.thumbnails.samples import encoded, exif, png, scene, turned
from thumbnails import actions
from thumbnails import files as storage
from thumbnails.conf import Rules
from thumbnails.models import Picture, Rendition
from thumbnails.refusals import UNKNOWN
from workers import Discard
from workers.models import Job

pytestmark = pytest.mark.django_db


def run(picture: Picture) -> Picture:
    make(picture.pk)
    return Picture.objects.with_state().get(pk=picture.pk)


def expected_files(picture: Picture) -> list[str]:
    return sorted([str(picture.original), *(str(each.file) for each in picture.renditions.all())])


def test_an_upload_and_its_job_are_made_together(add):
    picture = add()
    job = Job.objects.get()
    assert picture.job_id == job.pk
    assert (job.queue, job.task, job.args) == ("thumbnailer", "thumbnails.tasks.make_thumbnails", [str(picture.pk)])


def test_an_upload_that_cannot_be_recorded_leaves_no_file_and_no_job(owner, files):
    upload = SimpleUploadedFile("a.png", encoded(scene(), "PNG"))
    with pytest.raises(ValueError, match="must be a"):
        actions.add(object(), upload, "a.png")
    upload.size = -1  # refused by the database's own CHECK, after the job's INSERT
    with pytest.raises(IntegrityError):
        actions.add(owner, upload, "a.png")
    assert files() == []
    assert not Job.objects.exists()


def test_every_size_is_kept_in_every_format(add, files):
    picture = run(add(encoded(turned(scene(2000, 1500), 6), "JPEG", exif=exif(6))))
    assert picture.state == "ready"
    assert (picture.format, picture.width, picture.height, picture.error) == ("jpeg", 2000, 1500, "")
    sizes = {(each.name, each.format): (each.width, each.height) for each in picture.renditions.all()}
    assert {name for name, _ in sizes} == {spec.name for spec in Rules.current().specs}
    assert sizes["small", "webp"] == (160, 120)
    assert sizes["large", "jpeg"] == (1280, 960)
    assert files() == expected_files(picture)
    for each in picture.renditions.all():
        assert each.bytes == each.file.size
        with each.file.open() as file:
            assert Image.open(file).size == (each.width, each.height)


def test_a_second_run_of_a_rendered_picture_does_nothing(add, files):
    first = run(add())
    before = files()
    second = run(first)
    assert files() == before
    assert second.rendered_at == first.rendered_at


def test_the_run_that_is_slower_leaves_no_files(add, files):
    picture = run(add())
    before = files()
    keep_late(picture, encoded(scene(), "PNG"))
    assert files() == before == expected_files(picture)


def test_a_picture_deleted_before_the_run_ends_it_quietly(files):
    make(uuid.uuid4())
    assert files() == []


def test_a_picture_deleted_during_the_run_leaves_no_files(files):
    keep_late(Picture(original="originals/gone"), encoded(scene(), "PNG"))
    assert files() == []
    assert not Rendition.objects.exists()


def test_renditions_of_an_unfinished_run_are_replaced(add, files, committed):
    picture = add()
    picture.renditions.create(
        name="small", format="jpeg", file=storage.store("renditions", ContentFile(b"old")), width=1, height=1, bytes=3
    )
    with committed():
        picture = run(picture)
    assert picture.renditions.get(name="small", format="jpeg").width == 160
    assert files() == expected_files(picture)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<script>alert(1)</script>", UNKNOWN),
        (png(50_000, 50_000, 8, 2, b""), "megapixels"),
        (encoded(scene().effect_spread(9), "JPEG")[:5000], "damaged"),
        (encoded(scene(), "TIFF"), UNKNOWN),
    ],
)
def test_a_refused_picture_says_why_on_its_row_and_on_its_job(add, files, content: bytes, reason: str):
    picture = add(content, "holiday.jpg")
    with pytest.raises(Discard) as discarded:
        run(picture)
    picture = Picture.objects.with_state().get()
    assert picture.state == "refused"
    assert reason in picture.error
    assert picture.explanation == picture.error == discarded.value.reason
    assert files() == [str(picture.original)]


def test_a_refusal_is_forgotten_when_a_later_run_succeeds(add, settings):
    picture = add()
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_PIXELS": 1}
    with pytest.raises(Discard):
        run(picture)
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_PIXELS": 10**6}
    picture = run(picture)
    assert (picture.state, picture.error) == ("ready", "")


def test_a_storage_that_fails_raises_for_a_retry_and_leaves_nothing_half_done(add, files, media):
    picture = add()
    in_the_way = media / "renditions"
    in_the_way.write_text("not a folder")
    with pytest.raises(OSError, match="renditions"):
        run(picture)
    picture.refresh_from_db()
    assert (picture.rendered_at, picture.error) == (None, "")
    in_the_way.unlink()
    assert run(picture).state == "ready"


def test_an_original_that_is_not_there_yet_raises_for_a_retry(add, media):
    picture = add()
    (media / str(picture.original)).rename(media / "elsewhere")
    with pytest.raises(FileNotFoundError):
        run(picture)
    (media / "elsewhere").rename(media / str(picture.original))
    assert run(picture).state == "ready"


def test_file_names_tell_nothing_of_what_was_uploaded(add, files):
    run(add(name="../../etc/passwd.html"))
    assert all(name.split("/")[0] in ("originals", "renditions") for name in files())
    assert not any("passwd" in name or "html" in name for name in files())
    assert {name.rpartition(".")[2] for name in files() if name.startswith("renditions")} == {"jpg", "webp"}


def test_deleting_removes_every_file_after_the_commit(add, files, committed):
    picture = run(add())
    with committed():
        actions.remove(picture.pk)
        assert len(files()) == 7
    assert files() == []
    assert not Rendition.objects.exists()


def test_deleting_the_owner_removes_every_file(add, files, committed, owner):
    run(add())
    with committed():
        owner.delete()
    assert files() == []


def test_files_that_rows_name_are_never_removed_as_unrecorded(add):
    picture = run(add())
    names = expected_files(picture)
    storage.remove_unrecorded([*names, "renditions/nothing"])
    assert picture.original.storage.exists(names[0])
    assert expected_files(picture) == names


@pytest.mark.parametrize("state", ["FAILED", "DISCARDED", "CANCELLED"])
def test_trying_again_enqueues_once(add, state: str):
    picture = add()
    Job.objects.update(state=state)
    assert actions.try_again(picture.pk)
    assert not actions.try_again(picture.pk)
    assert Job.objects.filter(state="READY").count() == 1
    picture.refresh_from_db()
    assert picture.job.state == "READY"


def test_a_picture_whose_job_is_gone_can_be_tried_again(add):
    picture = add()
    Job.objects.all().delete()
    assert Picture.objects.with_state().get().state == "failed"
    assert actions.try_again(picture.pk)
    assert Picture.objects.with_state().get().state == "queued"
