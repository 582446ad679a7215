"""The account a newcomer signs in with. It exists only where the project is tried out, never where it serves."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

NAME = "demo"
LOCAL_HOSTS = {"", "localhost", "127.0.0.1", "::1"}


class Command(BaseCommand):
    help = "Make the demo account, or reset it, and print its name and password. Only with DEBUG=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demo account may do everything, so it is made only with DEBUG=1. "
                "For a site that serves: python manage.py createsuperuser"
            )
        host = str(connection.settings_dict["HOST"])
        if host not in LOCAL_HOSTS and not host.startswith("/"):
            raise CommandError(
                f"The database is on {host}; the demo account is made only in a database on this machine. "
                "Unset DATABASE_URL, or: python manage.py createsuperuser"
            )
        password = kept_password(settings.VAR / "demo-password")
        try:
            account(password)
        except DatabaseError as error:
            raise CommandError(f"The database is not ready ({error}). Run: python manage.py migrate") from error
        self.stdout.write(f"Sign in as {NAME} with the password {password}")


def kept_password(path: Path) -> str:
    """The password in the file, which only its owner can read; made with the first call."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        if password := path.read_text().strip():
            return password
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
    password = secrets.token_urlsafe(9)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    return password


def account(password: str) -> None:
    user, _ = get_user_model().objects.get_or_create(username=NAME)
    user.is_active = user.is_staff = user.is_superuser = True
    # Saving a new hash would sign everybody out at each start.
    if not user.check_password(password):
        user.set_password(password)
    user.save()
