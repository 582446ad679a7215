import pytest
from django.core.exceptions import ImproperlyConfigured

from myproject.invitation_environment import lifetime_days, reminder_days

LIFETIME, REMINDER = "INVITATIONS_LIFETIME_DAYS", "INVITATIONS_REMINDER_DAYS"


@pytest.mark.parametrize(
    ("env", "days"),
    [
        ({}, (7, 2)),
        ({LIFETIME: "30"}, (30, 2)),
        ({LIFETIME: "2"}, (2, 0)),
        ({REMINDER: "0"}, (7, 0)),
        ({LIFETIME: "3650", REMINDER: "3649"}, (3650, 3649)),
    ],
    ids=str,
)
def test_days_come_from_the_environment_and_fit_each_other(env, days):
    assert (lifetime_days(env), reminder_days(env, lifetime_days(env))) == days


@pytest.mark.parametrize("days", ["0", "-1", "3651"])
def test_a_link_lives_from_one_day_to_ten_years(days):
    with pytest.raises(ImproperlyConfigured, match=f"{LIFETIME}={days} must be from 1 to 3650. Set it"):
        lifetime_days({LIFETIME: days})


@pytest.mark.parametrize("days", ["7", "-1"])
def test_a_reminder_comes_before_the_end(days):
    with pytest.raises(ImproperlyConfigured, match=f"{REMINDER}={days} must be less than {LIFETIME}=7. Set it"):
        reminder_days({REMINDER: days}, 7)
