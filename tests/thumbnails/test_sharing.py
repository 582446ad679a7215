"""Identical uploads are decoded once; what is missing or outdated is rendered, and the rest kept."""

from dataclasses import replace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.thumbnails.running import made_of, make
from tests.thumbnails.samples import encoded, scene
from thumbnails import actions, recording, sharing
from thumbnails.conf import Rules
from thumbnails.models import Picture, Rendition
from thumbnails.recording import is_complete
from thumbnails.sharing import SourceGone
from workers.models import Job

pytestmark = pytest.mark.django_db

PNG = encoded(scene(), "PNG")
SPECS = {"small": (60, 60), "card": {"width": 50, "height": 50, "mode": "cover", "densities": [1, 2]}}


@pytest.fixture(autouse=True)
def specs(declare):
    declare(**SPECS)
    return declare


def made(picture) -> dict[tuple[str, str, float], str]:
    """Where each rendition of the picture is kept."""
    rows = Rendition.objects.filter(picture=picture)
    return {(each.name, each.format, each.density): str(each.file) for each in rows}


def ready(picture: Picture) -> Picture:
    make(picture.pk)
    return Picture.objects.get(pk=picture.pk)


def complete(picture: Picture) -> bool:
    return is_complete(Picture.objects.get(pk=picture.pk), Rules.current().specs)


def test_the_second_of_two_identical_uploads_names_the_files_of_the_first(add, files):
    first, second = ready(add()), ready(add())
    assert made(first) == made(second)
    assert len(made(second)) == 6
    assert len(files()) == 6 + 2
    for name in ("digest", "format", "width", "height", "frames", "placeholder"):
        assert getattr(first, name) == getattr(second, name) != ""
    assert second.rendered_at


def test_a_file_goes_with_the_last_row_that_names_it(add, files, committed):
    first, second = ready(add()), ready(add())
    with committed():
        actions.remove(first.pk)
    assert files() == sorted([str(second.original), *made(second).values()])
    with committed():
        actions.remove(second.pk)
    assert files() == []


def test_both_are_removed_together(add, files, committed, owner):
    ready(add()), ready(add())
    with committed():
        owner.delete()
    assert files() == []


def test_other_pixels_are_not_shared(add):
    first, second = ready(add()), ready(add(encoded(scene(300, 300), "PNG")))
    assert not set(made(first).values()) & set(made(second).values())


def test_of_the_same_content_only_what_another_focal_point_leaves_alone_is_shared(add):
    first, second = ready(add()), add()
    actions.focus(second.pk, 0.1, 0.1)
    second = ready(second)
    shared = set(made(first).items()) & set(made(second).items())
    assert {name for (name, _, _), _ in shared} == {"small"}
    assert len(made(second)) == 6


def test_a_new_spec_is_made_and_the_rest_is_kept(add, specs, files):
    picture = ready(add())
    before = made(picture)
    specs(**SPECS, new=(20, 20))
    assert not complete(picture)
    make(picture.pk)
    assert before.items() < made(picture).items()
    assert made(picture).keys() - before.keys() == {("new", "webp", 1), ("new", "jpeg", 1)}
    assert complete(picture)


def test_a_changed_spec_is_made_anew_and_one_that_is_gone_goes(add, specs, files, committed):
    picture = ready(add())
    before = made(picture)
    specs(small=(70, 70))
    with committed():
        make(picture.pk)
    after = made(picture)
    assert after.keys() == {("small", "webp", 1), ("small", "jpeg", 1)}
    assert not set(after.values()) & set(before.values())
    assert files() == sorted([str(picture.original), *after.values()])
    assert picture.renditions.get(format="jpeg").width == 70


def test_a_spec_that_only_has_another_name_keeps_its_files(add, specs, files, committed):
    picture = ready(add())
    before = files()
    specs(tiny=SPECS["small"], card=SPECS["card"])
    with committed():
        make(picture.pk)
    assert files() == before
    assert {name for name, _, _ in made(picture)} == {"tiny", "card"}


def test_what_nobody_asks_for_any_more_goes_without_decoding(add, specs, media):
    picture = ready(add())
    specs(small=SPECS["small"])
    make(picture.pk)
    assert made(picture).keys() == {("small", "webp", 1), ("small", "jpeg", 1)}
    assert complete(picture)


def test_another_focal_point_changes_what_is_cut_away_and_nothing_else(add):
    picture = ready(add())
    before = made(picture)
    assert actions.focus(picture.pk, 1, 0)
    assert not actions.focus(picture.pk, 1, 0)
    assert made(picture) == before, "what there is stays until the worker is done"
    make(picture.pk)
    after = made(picture)
    assert {each for each in before if before[each] != after[each]} == {each for each in before if each[0] == "card"}


def test_a_focal_point_that_changes_nothing_enqueues_nothing(add, specs):
    specs(small=(60, 60))
    picture = ready(add())
    assert actions.focus(picture.pk, 0, 0)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("point", [(-0.1, 0), (0, 1.1), (float("nan"), 0.5)])
def test_a_focal_point_outside_of_the_picture_is_refused(add, point):
    with pytest.raises(ValueError, match="outside of the picture"):
        actions.focus(add().pk, *point)


def test_a_run_that_began_before_the_focal_point_changed_leaves_nothing(add, files):
    picture = add()
    begun = made_of(picture, PNG)
    actions.focus(picture.pk, 0, 0)
    recording.keep(begun)
    assert made(picture) == {}
    assert Picture.objects.get(pk=picture.pk).rendered_at is None
    assert files() == [str(picture.original)]


def test_an_original_with_other_content_is_rendered_anew(add, media, committed):
    picture = ready(add())
    before = made(picture)
    (media / str(picture.original)).unlink()
    default_storage.save(str(picture.original), ContentFile(encoded(scene(300, 200), "PNG")))
    Rendition.objects.filter(picture=picture, name="small").update(spec_hash="")
    with committed():
        make(picture.pk)
    assert not set(before.values()) & set(made(picture).values())
    assert Picture.objects.get(pk=picture.pk).width == 300


def test_what_was_to_be_shared_and_is_gone_is_told_and_nothing_is_written(add):
    first, second = ready(add()), add()
    begun = recording.begin(second, Rules.current().specs, PNG)
    begun = replace(begun, shared=sharing.find(begun.digest, begun.lacking, second.focal))
    assert begun.to_render == []
    actions.remove(first.pk)
    with pytest.raises(SourceGone):
        recording.keep(replace(begun, told=begun.shared.told))
    assert made(second) == {}


@pytest.mark.parametrize("size", [(400, 300), (30, 20), (75, 75)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_rendered_picture_is_complete_whatever_it_is(add, size, mode):
    image = scene(*size).convert(mode)
    if mode == "RGBA":
        image.putalpha(90)
    assert complete(ready(add(encoded(image, "PNG"))))


def test_an_animation_is_complete_when_it_was_rendered(add):
    frames = [scene(80, 60), scene(80, 60).rotate(180)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert complete(ready(add(content)))
