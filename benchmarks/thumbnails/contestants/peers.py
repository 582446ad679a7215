"""The Django libraries begin alike: the original goes to storage, and each asks for its renditions of it."""

from pathlib import Path


def prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def stored(photo: Path) -> str:
    from django.core.files import File
    from django.core.files.storage import default_storage

    with photo.open("rb") as file:
        return default_storage.save(f"originals/{photo.name}", File(file))
