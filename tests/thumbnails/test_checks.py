"""A wrong setting is told when the project starts, with the cure."""

import pytest
from django.conf import settings as project_settings
from django.core.checks import CheckMessage, run_checks

from thumbnails.conf import problems

SOUND = {"SIZES": {"small": (160, 160)}, "MAX_BYTES": 1, "MAX_PIXELS": 1}


def told(**options) -> list[CheckMessage]:
    # Without databases: Django 6.1 would open them all.
    messages = run_checks(databases=[], **options)
    return [message for message in messages if message.id and message.id.startswith("thumbnails.")]


def test_the_projects_own_setting_is_sound():
    assert problems(project_settings.THUMBNAILS) == []
    assert told() == []


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        SOUND | {"SIZES": {}},
        SOUND | {"SIZES": [("small", 1)]},
        SOUND | {"SIZES": {"Small!": (1, 1)}},
        SOUND | {"SIZES": {"a.b": (1, 1)}},
        SOUND | {"SIZES": {7: (1, 1)}},
        SOUND | {"SIZES": {"small": (0, 10)}},
        SOUND | {"SIZES": {"small": (10, 20_000)}},
        SOUND | {"SIZES": {"small": (10,)}},
        SOUND | {"SIZES": {"small": "10x10"}},
        SOUND | {"MAX_BYTES": "20 MB"},
        SOUND | {"MAX_PIXELS": True},
        SOUND | {"MAX_PIXEL": 5},
    ],
)
def test_a_wrong_setting_is_an_error_with_its_cure(settings, wrong):
    settings.THUMBNAILS = wrong
    errors = told()
    assert errors
    assert all(error.id == "thumbnails.E001" and error.msg.endswith(".") and error.hint for error in errors)


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
