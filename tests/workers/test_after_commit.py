"""What fails after a commit harms nothing else."""

import pytest
from django.db import transaction

from workers.after_commit import after_commit

pytestmark = pytest.mark.django_db(transaction=True)


def fail():
    raise ConnectionError("out of order")


def test_a_failure_is_logged_and_the_rest_is_done(caplog):
    done = []
    with transaction.atomic():
        after_commit("default", fail)
        after_commit("default", done.append, 1)
        assert done == []
    assert done == [1]
    assert "out of order" in caplog.text


def test_after_a_rollback_nothing_is_done():
    done = []
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        after_commit("default", done.append, 1)
        _ = 1 / 0
    assert done == []


def test_outside_a_transaction_it_is_done_at_once():
    done = []
    after_commit("default", done.append, 1)
    assert done == [1]
