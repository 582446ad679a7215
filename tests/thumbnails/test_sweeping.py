"""``manage.py sweepthumbnails``: only what nobody names, and nothing that is about to be named."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from tests.thumbnails.articles.models import Article
from tests.thumbnails.running import make
from tests.thumbnails.samples import encoded, scene
from thumbnails import direct, files, sweeping
from thumbnails.listing import listed
from thumbnails.models import Picture

pytestmark = pytest.mark.django_db

PNG = encoded(scene(80, 60), "PNG")
DAY = timedelta(days=1)


def sweep(*arguments: str) -> str:
    out = StringIO()
    call_command("sweepthumbnails", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def age(media: Path):
    """Makes every file there is older than a day."""

    def age() -> None:
        long_ago = (timezone.now() - DAY).timestamp() - 1
        for path in media.rglob("*"):
            os.utime(path, (long_ago, long_ago))

    return age


@pytest.fixture
def orphans() -> list[str]:
    return [files.store(folder, ContentFile(b"x")) for folder in ("originals", "renditions")]


def test_files_that_no_row_names_are_removed_and_all_others_stay(add, orphans, age, media, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 3)
    make(add(PNG).pk)
    article = Article.objects.create(title="Kept", photo=SimpleUploadedFile("a.png", PNG))
    Article.objects.bulk_create([Article(title="Bulk", photo=files.store("originals", ContentFile(PNG)))])
    Picture.objects.filter(field__startswith="articles").exclude(row=str(article.pk)).delete()
    (media / "elsewhere").write_bytes(b"not ours")
    there = sorted(path for path in media.rglob("*") if path.is_file())
    age()
    told = "2 files that no row names, 0 uploads that never came and 0 pictures of rows that are gone: "
    assert sweep("--dry-run") == told + "to be removed."
    assert sorted(path for path in media.rglob("*") if path.is_file()) == there
    assert sweep() == told + "removed."
    gone = {media / name for name in orphans}
    assert sorted(path for path in media.rglob("*") if path.is_file()) == [path for path in there if path not in gone]


def test_a_file_younger_than_a_day_may_still_get_its_row(orphans, media, age):
    assert sweep().startswith("0 files")
    written = timezone.now()
    assert sum(batch.removed for batch in sweeping.sweep_files(written + DAY - timedelta(minutes=1))) == 0
    assert sum(batch.removed for batch in sweeping.sweep_files(written + DAY + timedelta(minutes=1))) == 2


def test_uploads_that_never_came_are_removed(owner, add):
    add(PNG)
    coming, late = (Picture.objects.create(owner=owner, name="n", original=f"originals/{n}", bytes=0) for n in "12")
    Picture.objects.filter(pk=late.pk).update(created_at=timezone.now() - direct.KEPT - timedelta(minutes=1))
    assert "1 upload that never came" in sweep("--dry-run")
    assert Picture.objects.count() == 3
    assert "1 upload that never came" in sweep()
    assert Picture.objects.filter(pk=coming.pk).exists()
    assert not Picture.objects.filter(pk=late.pk).exists()


def test_pictures_of_rows_that_went_past_their_signals_go_with_their_files(files, committed, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 1)
    rows = [Article.objects.create(title=f"n{n}", photo=SimpleUploadedFile("a.png", PNG)) for n in range(4)]
    lost = Picture.objects.get(row=str(rows[3].pk))
    Picture.objects.filter(pk=lost.pk).update(field="articles.article.portrait")
    Article.objects.filter(pk=rows[0].pk)._raw_delete("default")
    Article.objects.filter(pk=rows[1].pk).update(photo="")
    assert "2 pictures of rows that are gone: to be removed" in sweep("--dry-run")
    with committed():
        assert "2 pictures of rows that are gone: removed" in sweep()
    assert set(Picture.objects.values_list("row", flat=True)) == {str(rows[2].pk), str(rows[3].pk)}
    assert files() == sorted([rows[2].photo.name, rows[3].photo.name])


def test_without_any_folder_there_is_nothing_to_sweep():
    assert sweep().startswith("0 files")
    assert list(listed("originals")) == []


def test_a_bucket_is_listed_with_its_times_and_swept(bucket, add):
    add(PNG)
    names = [files.store("originals", ContentFile(b"x")) for _ in range(3)]
    found = dict(listed("originals"))
    assert found.keys() == {*names, str(Picture.objects.get().original)}
    assert all(abs(timezone.now() - written) < timedelta(minutes=5) for written in found.values())
    removed = sum(batch.removed for batch in sweeping.sweep_files(timezone.now() + DAY + timedelta(minutes=1)))
    assert removed == 3
    assert bucket.names() == [str(Picture.objects.get().original)]
