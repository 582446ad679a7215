"""What a person at the command line is told of a database that cannot be asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError
from django.db import Error as DatabaseError

from workers.outage import lacks_tables, on_one_line


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Raises CommandError where the block raises an error of the database."""
    try:
        yield
    except DatabaseError as error:
        raise CommandError(sentence(error)) from error


def sentence(error: BaseException) -> str:
    if lacks_tables(error):
        return f"The database lacks tables or columns of this release: {on_one_line(error)}. Run: manage.py migrate"
    return (
        f"The database does not answer: {on_one_line(error)}. "
        "Is it running, and are its address, name and password right in the settings?"
    )
