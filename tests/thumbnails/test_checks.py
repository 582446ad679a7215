"""A wrong setting is told when the project starts, with the cure."""

import pytest
from django.conf import settings as project_settings
from django.core.checks import CheckMessage, run_checks

from thumbnails import checks
from thumbnails.conf import Rules, problems
from thumbnails.limits import Limits
from thumbnails.specs import Mode, Spec

SOUND = {"SPECS": {"small": (160, 160)}, "MAX_BYTES": 1, "MAX_PIXELS": 1, "MAX_FRAMES": 1, "MAX_SECONDS": 1}


def told(**options) -> list[CheckMessage]:
    # Without databases: Django 6.1 would open them all.
    messages = run_checks(databases=[], **options)
    return [message for message in messages if message.id and message.id.startswith("thumbnails.")]


def test_the_projects_own_setting_is_sound():
    assert problems(project_settings.THUMBNAILS) == []
    assert told() == []


def test_a_spec_is_two_numbers_or_a_dictionary(settings):
    card = {
        "width": 300, "height": 200, "mode": "cover", "formats": ["avif", "webp", "jpeg"], "quality": {"avif": 50},
        "densities": [1, 1.5, 2], "upscale": True, "background": "#c0ffee", "flatten": True,
    }  # fmt: skip
    settings.THUMBNAILS = {"SPECS": {"small": [160, 120], "card": card}, "MAX_BYTES": 7}
    assert told() == []
    assert Rules.current() == Rules(
        specs=(
            Spec("small", 160, 120),
            Spec(
                "card", 300, 200, Mode.COVER, ("avif", "webp", "jpeg"), {"avif": 50}, (1, 1.5, 2), True, "#c0ffee", True
            ),
        ),
        limits=Limits(max_bytes=7),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        SOUND | {"SPECS": {}},
        SOUND | {"SPECS": [("small", 1)]},
        SOUND | {"SPECS": {"Small!": (1, 1)}},
        SOUND | {"SPECS": {"a.b": (1, 1)}},
        SOUND | {"SPECS": {7: (1, 1)}},
        SOUND | {"SPECS": {"small": (0, 10)}},
        SOUND | {"SPECS": {"small": (10, 20_000)}},
        SOUND | {"SPECS": {"small": (10,)}},
        SOUND | {"SPECS": {"small": "10x10"}},
        SOUND | {"MAX_BYTES": "20 MB"},
        SOUND | {"MAX_PIXELS": True},
        SOUND | {"MAX_PIXEL": 5},
        SOUND | {"MAX_FRAMES": 0},
        SOUND | {"MAX_SECONDS": 1.5},
        SOUND | {"SPECS": {"card": {"width": 300}}},
    ],
)
def test_a_wrong_setting_is_an_error_with_its_cure(settings, wrong):
    settings.THUMBNAILS = wrong
    errors = told()
    assert errors
    assert all(error.id == "thumbnails.E001" and error.msg.endswith(".") and error.hint for error in errors)


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"height": "200"},
        {"hight": 200},
        {"mode": "crop"},
        {"formats": []},
        {"formats": "jpeg"},
        {"formats": ["webp", "webp"]},
        {"formats": ["webp", "avif"]},
        {"formats": ["tiff", "jpeg"]},
        {"quality": 80},
        {"quality": {"jpeg": 101}},
        {"densities": []},
        {"densities": [1, 1]},
        {"densities": [0.5]},
        {"densities": [float("nan")]},
        {"densities": [True]},
        {"width": 10_000, "densities": [1, 2]},
        {"upscale": 1},
        {"background": "white"},
        {"flatten": "yes"},
    ],
)
def test_a_wrong_spec_is_one_error_with_its_cure(wrong):
    ((problem, cure),) = problems(SOUND | {"SPECS": {"card": {"width": 300, "height": 200} | wrong}})
    assert "card" in problem
    assert cure.endswith(".")


@pytest.mark.parametrize(
    ("debug", "shared", "backend", "refused"),
    [
        (False, False, "django.core.files.storage.FileSystemStorage", True),
        (False, True, "django.core.files.storage.FileSystemStorage", False),
        (True, False, "django.core.files.storage.FileSystemStorage", False),
        (False, False, "storages.backends.s3.S3Storage", False),
    ],
)
def test_uploads_on_a_disk_the_worker_does_not_see_are_refused_for_deployment(
    settings, debug, shared, backend, refused
):
    settings.DEBUG, settings.SHARED_MEDIA = debug, shared
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend}}
    errors = told(include_deployment_checks=True)
    assert [error.id for error in errors] == ["thumbnails.E002"] * refused
    assert all("S3_BUCKET" in str(error.hint) and "SHARED_MEDIA=1" in str(error.hint) for error in errors)


def test_a_picture_has_time_for_two_tries_within_its_job(settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_SECONDS": 120}
    assert checks.a_picture_ends_before_its_job_times_out() == []
    settings.THUMBNAILS = settings.THUMBNAILS | {"MAX_SECONDS": 121}
    (error,) = checks.a_picture_ends_before_its_job_times_out()
    assert (error.id, error.hint) == ("thumbnails.E003", "Set it to at most 120.")


def test_a_system_that_cannot_shut_decoders_in_is_refused():
    assert checks.platform_problems("posix") == []
    (error,) = checks.platform_problems("nt")
    assert "container" in str(error.hint)
