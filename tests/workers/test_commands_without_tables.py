"""The commands on a database that lacks their tables, or does not answer, end in a sentence."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from workers.management.database import told_in_a_sentence

COMMANDS = [
    ("pausequeue", "default"),
    ("resumequeue", "default"),
    ("prunejobs",),
    ("prunejobs", "--dry-run"),
    ("queues",),
]


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_without_the_tables_is_told_with_the_cure(command):
    with connection.cursor() as cursor:
        for table in ("workers_job", "workers_tally", "workers_queuepause"):
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
    with pytest.raises(
        CommandError, match=r"lacks tables or columns of this release: .*workers_.*Run: manage.py migrate"
    ):
        call_command(*command, stdout=io.StringIO())


def test_a_database_that_is_not_there_is_told_on_one_line():
    with (
        pytest.raises(CommandError, match=r"^The database does not answer: connection refused is it up. Is it running"),
        told_in_a_sentence(),
    ):
        raise OperationalError("connection refused\n\tis it up?")
