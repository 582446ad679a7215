from datetime import timedelta

from django.conf import settings
from django.db import migrations
from django.utils import timezone


def give_an_end(apps, schema_editor):
    """Links that were mailed before links expired. Their mails promised no end, so their days are counted from now: an
    old one dies in time, and none dies because of a deploy. They get no reminder."""
    end = timezone.now() + timedelta(days=settings.INVITATIONS_LIFETIME_DAYS)
    invitations = apps.get_model("invitations", "Invitation").objects.using(schema_editor.connection.alias)
    invitations.filter(sending_at__isnull=False, expires_at=None, accepted_at=None).update(expires_at=end)


class Migration(migrations.Migration):

    dependencies = [
        ('invitations', '0004_many'),
    ]

    operations = [
        # Backwards there is nothing to take away: 0002 drops the column.
        migrations.RunPython(give_an_end, migrations.RunPython.noop, elidable=True),
    ]
