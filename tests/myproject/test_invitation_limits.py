"""The environment's say in who may invite how many."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from myproject import invitation_environment


def test_there_are_limits_without_any_variable():
    assert invitation_environment.invitation_limits({})["PER_HOUR"] == 100
    assert invitation_environment.invitation_limits({})["PER_BATCH"] == 10_000


@pytest.mark.parametrize("limit", invitation_environment.invitation_limits({}))
def test_each_limit_is_set_by_its_variable_and_nonsense_is_refused_with_the_cure(limit):
    variable = f"INVITATIONS_{limit}"
    assert invitation_environment.invitation_limits({variable: "7"})[limit] == 7
    for nonsense in ("0", "-1", "many"):
        with pytest.raises(ImproperlyConfigured, match=rf"{variable}={nonsense}|{variable}='{nonsense}'"):
            invitation_environment.invitation_limits({variable: nonsense})


def test_a_batch_that_no_database_could_ask_for_is_refused():
    with pytest.raises(ImproperlyConfigured, match="INVITATIONS_PER_BATCH=30000 is too large"):
        invitation_environment.invitation_limits({"INVITATIONS_PER_BATCH": "30000"})


def test_nobodys_word_is_taken_for_an_address_unless_proxies_are_named():
    assert invitation_environment.trusted_proxies({}) == 0
    assert invitation_environment.trusted_proxies({"TRUSTED_PROXIES": "2"}) == 2
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES=-1"):
        invitation_environment.trusted_proxies({"TRUSTED_PROXIES": "-1"})
