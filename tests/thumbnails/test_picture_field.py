"""One line in another app's model: its pictures are rendered, replaced and removed with its rows."""

from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from tests.thumbnails.articles.models import Article, Report
from tests.thumbnails.samples import encoded, scene
from thumbnails.fields import PictureField
from thumbnails.models import Picture, Rendition
from thumbnails.prefetching import prefetch_pictures
from workers.models import Job
from workers.testing import drain

pytestmark = pytest.mark.django_db

PNG = encoded(scene(), "PNG")
OTHER = encoded(scene(300, 300), "PNG")


def upload(content: bytes = PNG, name: str = "harbour.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


@pytest.fixture
def article(db) -> Any:
    return Article.objects.create(title="Harbour", photo=upload())


def named_files() -> list[str]:
    renditions = Rendition.objects.values_list("file", flat=True)
    return sorted([*map(str, Picture.objects.values_list("original", flat=True)), *map(str, renditions)])


def test_saving_a_row_makes_its_picture_and_its_job(article):
    picture = Picture.objects.get()
    assert (picture.field, picture.row, picture.owner) == ("articles.article.photo", str(article.pk), None)
    assert (picture.name, picture.bytes, str(picture.original)) == ("harbour.png", len(PNG), article.photo.name)
    assert Job.objects.get().pk == picture.job_id
    drain(raise_errors=True)
    assert {each.name for each in article.photo.picture.renditions.all()} == {"small", "medium", "large"}
    assert article.photo.picture.state == "ready"


def test_a_file_name_tells_nothing_of_what_was_uploaded():
    article = Article.objects.create(title="Trick", photo=upload(name="../../shell.php"))
    assert article.photo.name.startswith("originals/")
    assert "shell" not in article.photo.name


def test_a_field_has_specs_of_its_own(files):
    article = Article.objects.create(title="Badge", badge=upload())
    drain(raise_errors=True)
    made = {(each.name, each.format) for each in article.badge.picture.renditions.all()}
    assert made == {("small", "webp"), ("small", "jpeg"), ("round", "webp")}


def test_saving_again_without_another_file_does_nothing(article):
    before = Picture.objects.get()
    article.save()
    Article.objects.get().save(update_fields=["title"])
    Article.objects.defer("photo").get().save()
    assert Picture.objects.get().pk == before.pk
    assert Job.objects.count() == 1


def test_another_file_is_another_picture_and_nothing_of_the_old_one_stays(article, files, committed):
    drain(raise_errors=True)
    before = Picture.objects.get()
    with committed():
        article.photo = upload(OTHER, "pier.png")
        article.save()
    drain(raise_errors=True)
    after = Picture.objects.get()
    assert (after.name, after.width) == ("pier.png", 300)
    assert after.pk != before.pk
    assert files() == named_files()


@pytest.mark.parametrize("way", ["row", "queryset", "cleared"])
def test_with_the_row_or_its_file_everything_goes(article, files, committed, way):
    drain(raise_errors=True)
    with committed():
        if way == "row":
            article.delete()
        elif way == "queryset":
            Article.objects.all().delete()
        else:
            article.photo = ""
            article.save()
    assert not Picture.objects.exists()
    assert files() == []


def test_a_file_that_another_row_names_stays(article, files, committed):
    drain(raise_errors=True)
    copy = Article.objects.get()
    copy.pk, copy.title, copy._state.adding = None, "Copy", True
    copy.save()
    drain(raise_errors=True)
    with committed():
        article.delete()
    assert Picture.objects.get().row == str(copy.pk)
    assert files() == named_files()
    assert copy.photo.size == len(PNG)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_not_saved_has_no_picture_and_no_job(article):
    with pytest.raises(IntegrityError):
        Article.objects.create(title="Harbour", photo=upload(OTHER))
    with pytest.raises(RuntimeError, match="rolled back"), transaction.atomic():
        Article.objects.create(title="Other", photo=upload(OTHER))
        raise RuntimeError("rolled back")
    assert Picture.objects.count() == Job.objects.count() == Article.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_cannot_be_recorded_keeps_its_row_from_being_saved():
    row = Article(title="x", photo=upload())
    row.photo.save("x.png", ContentFile(PNG), save=False)
    vars(row)["_photo_uploaded"] = ("x.png", -1)  # refused by the database's own CHECK
    with pytest.raises(IntegrityError):
        row.save()
    assert not Article.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_file_is_stored_before_the_transaction_begins(media, monkeypatch):
    storing: list[bool] = []
    save = FileSystemStorage._save

    def watched(self, name, content):
        storing.append(connection.in_atomic_block)
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", watched)
    Article.objects.create(title="Harbour", photo=upload())
    assert storing == [False]


def test_an_inherited_field_is_one_field(files, committed):
    report = Report.objects.create(title="Yearly", photo=upload())
    drain(raise_errors=True)
    assert Picture.objects.get().field == "articles.article.photo"
    assert Article.objects.get().photo.picture == report.photo.picture
    with committed():
        report.delete()
    assert files() == []


def test_a_list_takes_two_queries_for_a_field_and_nothing_more(django_assert_num_queries):
    for number in range(3):
        Article.objects.create(title=f"n{number}", photo=upload() if number else "")
    drain(raise_errors=True)
    with django_assert_num_queries(3):
        articles = prefetch_pictures(Article.objects.order_by("title"), "photo")
        shown = [bool(each.photo) and each.photo.picture.state for each in articles]
        counted = [len(each.photo.picture.renditions.all()) for each in articles if each.photo]
    assert shown == [False, "ready", "ready"]
    assert counted == [6, 6]


def test_a_migration_knows_the_column_and_nothing_of_specs_and_rules():
    _, path, args, options = Article._meta.get_field("badge").deconstruct()
    assert (path, args, options) == ("thumbnails.fields.PictureField", [], {"blank": True})


@pytest.mark.parametrize("chosen", ["upload_to", "storage", "width_field"])
def test_what_is_not_the_callers_to_choose_is_refused(chosen):
    with pytest.raises(TypeError, match=f"takes no {chosen}"):
        PictureField(**{chosen: "elsewhere"})


def test_a_spec_that_is_not_in_the_settings_is_told_when_the_project_starts(settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": {"tiny": (10, 10)}}
    (error,) = Article._meta.get_field("badge").check()
    assert (error.id, error.msg) == ("thumbnails.E010", "There is no spec 'small'.")
    assert "THUMBNAILS['SPECS']" in error.hint


class TestInAForm:
    form = forms.modelform_factory(Article, fields=["title", "photo"])

    def test_what_is_inside_is_the_workers_to_find_out(self):
        form = self.form({"title": "Junk"}, {"photo": upload(b"no picture")})
        assert form.is_valid(), form.errors
        form.save()
        drain()
        assert "not a picture" in Picture.objects.get().error
        assert 'accept="image/jpeg,' in str(form["photo"])

    def test_too_large_and_empty_files_are_refused_at_once(self, settings):
        settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_BYTES": 1024 * 1024}
        assert "The file is empty" in str(self.form({"title": "x"}, {"photo": upload(b"")}).errors)
        large = self.form({"title": "x"}, {"photo": upload(b"x" * (1024 * 1024 + 1))})
        assert "at most 1 MB are accepted" in str(large.errors)


class TestWhoMaySeeIt:
    def addresses(self, article: Any) -> dict[str, str]:
        drain(raise_errors=True)
        fields = {"photo": article.photo, "badge": article.badge}
        return {name: file.picture.renditions.all()[0].get_absolute_url() for name, file in fields.items()}

    @pytest.fixture
    def addresses_of(self):
        return self.addresses(Article.objects.create(title="Both", photo=upload(), badge=upload()))

    def test_a_rule_lets_everyone_see_what_it_says(self, client, addresses_of):
        response = client.get(addresses_of["photo"])
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        response.getvalue()

    def test_without_a_rule_only_staff_who_may_view_the_rows(self, client, page, owner, addresses_of):
        assert page.get(addresses_of["badge"]).status_code == 404
        owner.user_permissions.add(Permission.objects.get(codename="view_article"))
        response = page.get(addresses_of["badge"])
        assert response.status_code == 200
        response.getvalue()

    def test_strangers_are_asked_to_sign_in(self, client, addresses_of):
        response = client.get(addresses_of["badge"])
        assert (response.status_code, response.url.startswith("/login/")) == (302, True)

    def test_nobody_sees_the_picture_of_a_row_or_a_field_that_is_gone(self, page, addresses_of):
        Picture.objects.filter(field__endswith="photo").update(row="4711")
        assert page.get(addresses_of["photo"]).status_code == 404
        Picture.objects.filter(field__endswith="photo").update(field="articles.article.portrait")
        assert page.get(addresses_of["photo"]).status_code == 404

    def test_an_original_is_nobodys_to_download(self, page, article):
        assert page.get(f"/pictures/{article.photo.picture.pk}/original").status_code == 404
