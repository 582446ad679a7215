"""Tasks and other things that the tests of declaring and finding tasks look up by their paths."""

from typing import Any

from django.db import connection, transaction

from workers import Constant, task
from workers.compat import Task as DjangoTask


@task
def plain(*args: Any) -> Any:
    return list(args)


@task
async def coroutine(number: int) -> int:
    return number + 1


@task(takes_context=True)
def with_context(context: Any) -> Any:
    return context.attempt


@task(
    priority=5,
    queue_name="thumbnailer",
    max_attempts=3,
    backoff=Constant(1),
    timeout=2.5,
    aliases=["tests.workers.gone.renamed", "tests.workers.declared.now_a_function"],
)
def full() -> None: ...


@task(aliases="tests.workers.gone.alone")
def alone() -> None: ...


def django_function(number: int) -> int:
    return number * 2


django_task = DjangoTask(func=django_function, priority=0, backend="default", queue_name="default", run_after=None)


def now_a_function() -> None: ...


def not_at_module_level() -> Any:
    def inner() -> None: ...

    return inner


ENDLESS = {
    "postgresql": "SELECT pg_sleep(30)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
}


@task(timeout=0.2)
def query_for_ever() -> None:
    with connection.cursor() as cursor:
        cursor.execute(ENDLESS[connection.vendor])


@task(timeout=0.2)
def query_for_ever_in_a_transaction() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute(ENDLESS[connection.vendor])


@task(timeout=0.2)
def query_for_ever_and_hide_it() -> None:
    try:
        query_for_ever.call()
    except BaseException as error:
        raise ConnectionError("the library's own word for it") from error


@task
def ask_the_database() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 + 1")
        return cursor.fetchone()[0]
