"""People who may invite: the pages ask for Django's own permission, which a new account has not."""

from typing import Any


def let_invite(*users: Any) -> None:
    # Not at the top, where the models may not be there yet.
    from django.contrib.auth.models import Permission

    permission = Permission.objects.get(content_type__app_label="invitations", codename="add_invitation")
    permission.user_set.add(*users)
