"""The router says where jobs are kept, and every statement goes there; the table is made for what a queue does."""

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests import tasks
from workers import enqueue_many, steering
from workers.lifecycle import pruning
from workers.models import Attempt, Job
from workers.testing import drain
from workers.unserved import unserved

pytestmark = pytest.mark.contract


class KeepElsewhere:
    """Writes of the runner's models go to the other database; reads would go to the wrong one."""

    def db_for_write(self, model, **hints):
        return "other" if model._meta.app_label == "workers" else None

    def db_for_read(self, model, **hints):
        return None


@pytest.mark.django_db(databases=["default", "other"])
def test_every_statement_about_jobs_goes_where_the_router_writes_them(settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.{KeepElsewhere.__name__}"]
    with CaptureQueriesContext(connections["default"]) as here, CaptureQueriesContext(connections["other"]) as there:
        result = tasks.fail_and_wait.enqueue()
        enqueue_many(tasks.note, [((1,), {}), ((2,), {})])
        tasks.report.enqueue(2, 1)
        drain()
        steering.retry([result.id])
        drain()
        result.refresh()
        steering.cancel([result.id], by="ann")
        steering.discard([tasks.snooze.enqueue(60).id], by="ann")
        unserved("other", "default", 30)
        pruning.prune("other", "default", tasks.note.get_backend().settings)
    assert [query["sql"] for query in here if "workers_" in query["sql"]] == []
    assert len(there) > 20
    assert Job.objects.using("other").count() == 5
    assert not Job.objects.using("default").exists()


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
def test_the_wake_up_waits_for_the_jobs_database_to_commit(settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.{KeepElsewhere.__name__}"]
    with transaction.atomic(using="other"):
        tasks.note.enqueue(1)
        assert len(connections["other"].run_on_commit) == 1
        assert connections["default"].run_on_commit == []


@pytest.mark.django_db
def test_the_table_of_jobs_is_vacuumed_early_and_has_few_indexes():
    indexes = connection.introspection.get_constraints(connection.cursor(), Job._meta.db_table).values()
    assert len([each for each in indexes if each["index"] or each["primary_key"]]) <= 5
    assert Job._meta.get_field("unique_key").null
    assert not Attempt._meta.get_field("job").db_constraint
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'workers_job'")
            [options] = cursor.fetchone()
        assert "autovacuum_vacuum_scale_factor=0.01" in options
        assert any(option.startswith("fillfactor=") for option in options)
