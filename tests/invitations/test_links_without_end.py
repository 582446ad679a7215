"""The migration that gives an end to links that were mailed before links had one."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from invitations.models import Invitation
from tests.invitations.running import read

LONG_AGO = timezone.now() - timedelta(days=400)
WEEK = timedelta(days=7)


@pytest.mark.parametrize("sent_at", [LONG_AGO, None], ids=["sent", "unknown"])
def test_a_link_that_may_be_in_a_mailbox_gets_its_days_from_now(invitation, sent_at):
    Invitation.objects.update(sending_at=LONG_AGO, sent_at=sent_at)
    migrate()
    assert timezone.now() < read(invitation).expires_at <= timezone.now() + WEEK


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"sending_at": LONG_AGO, "accepted_at": LONG_AGO},
        {"sending_at": LONG_AGO, "expires_at": LONG_AGO + WEEK},
    ],
    ids=["not mailed", "accepted", "with an end"],
)
def test_all_others_are_left_alone(invitation, row):
    Invitation.objects.update(**row)
    migrate()
    assert read(invitation).expires_at == row.get("expires_at")


def migrate() -> None:
    migration = import_module("invitations.migrations.0005_no_link_without_end")
    migration.give_an_end(apps, connection.schema_editor())
