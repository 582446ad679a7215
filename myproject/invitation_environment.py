"""What the environment says of invitations, as environment.py reads the rest."""

from django.core.exceptions import ImproperlyConfigured

from myproject.environment import Environment, whole_number


def lifetime_days(env: Environment) -> int:
    """Days for which an invitation's link is good, counted from when its mail was handed over."""
    days = whole_number(env, "INVITATIONS_LIFETIME_DAYS", 7)
    if not 1 <= days <= 3650:
        raise ImproperlyConfigured(f"INVITATIONS_LIFETIME_DAYS={days} must be from 1 to 3650. Set it to 7, say.")
    return days


def reminder_days(env: Environment, lifetime: int) -> int:
    """Days before the expiry at which the reminder is sent; 0: none. By default 2, where the link lives longer."""
    days = whole_number(env, "INVITATIONS_REMINDER_DAYS", 2 if lifetime > 2 else 0)
    if not 0 <= days < lifetime:
        raise ImproperlyConfigured(
            f"INVITATIONS_REMINDER_DAYS={days} must be less than INVITATIONS_LIFETIME_DAYS={lifetime}. "
            "Set it to fewer days, or to 0 for no reminder."
        )
    return days


def trusted_proxies(env: Environment) -> int:
    """How many proxies of ours stand before this process: so many entries of X-Forwarded-For, counted from the right,
    are true. 0: nobody's word is taken. Heroku's router is one."""
    count = whole_number(env, "TRUSTED_PROXIES", 0)
    if count < 0:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES={count} is no count. Set it to how many proxies pass requests on.")
    return count


LARGEST_BATCH = 25_000
"""SQLite takes 32,766 values in one statement, and a batch's addresses are asked for in one."""


def invitation_limits(env: Environment) -> dict[str, int]:
    """How many invitations there may be: of one inviter one by one in an hour, and in batches in a day; to one
    recipient, from one network address and on the whole site in a day; and in one batch."""
    return {
        "PER_HOUR": _limit(env, "INVITATIONS_PER_HOUR", 100),
        "PER_DAY": _limit(env, "INVITATIONS_PER_DAY", 10_000),
        "PER_RECIPIENT": _limit(env, "INVITATIONS_PER_RECIPIENT", 3),
        "PER_ORIGIN": _limit(env, "INVITATIONS_PER_ORIGIN", 20_000),
        "PER_SITE": _limit(env, "INVITATIONS_PER_SITE", 50_000),
        "PER_BATCH": _limit(env, "INVITATIONS_PER_BATCH", 10_000, LARGEST_BATCH),
    }


def _limit(env: Environment, name: str, default: int, highest: int | None = None) -> int:
    most = whole_number(env, name, default)
    if most < 1:
        raise ImproperlyConfigured(f"{name}={most} lets nobody invite. Set it to 1 or more.")
    if highest and most > highest:
        raise ImproperlyConfigured(f"{name}={most} is too large. Set it to at most {highest}.")
    return most
