"""``manage.py runserver`` on any port: links in mails lead to it."""

import os
from typing import Any

from django.conf import settings

from myproject.site_environment import address_served
from workers.management.commands import runserver


class Command(runserver.Command):
    """Weakness: a ``runworker`` beside it does not know the port; set SITE_URL for both."""

    def inner_run(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG and not os.environ.get("SITE_URL", "").strip():
            settings.SITE_URL = address_served(self.addr, self.port)
        super().inner_run(*args, **options)
