"""``manage.py demo``: an account to try the project with, and only for that."""

import stat

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection


@pytest.fixture
def trying_out(settings, tmp_path):
    settings.DEBUG = True
    settings.VAR = tmp_path
    return tmp_path


def password_told(capsys) -> str:
    call_command("demo")
    return capsys.readouterr().out.split()[-1]


@pytest.mark.django_db
def test_the_password_told_signs_a_superuser_in(trying_out, capsys):
    user = authenticate(username="demo", password=password_told(capsys))
    assert user is not None
    assert user.is_superuser
    assert user.is_staff


@pytest.mark.django_db
def test_a_second_run_tells_the_same_password_and_keeps_sessions_alive(trying_out, capsys):
    first = password_told(capsys)
    stored = get_user_model().objects.get(username="demo").password
    assert password_told(capsys) == first
    assert get_user_model().objects.get(username="demo").password == stored


@pytest.mark.django_db
def test_a_changed_account_is_reset_to_the_password_told(trying_out, capsys):
    password = password_told(capsys)
    user = get_user_model().objects.get(username="demo")
    user.set_password("something else")
    user.is_active = False
    user.save()
    password_told(capsys)
    assert authenticate(username="demo", password=password)


@pytest.mark.django_db
def test_only_the_owner_can_read_the_kept_password(trying_out, capsys):
    path = trying_out / "demo-password"
    path.write_text("")
    path.chmod(0o644)
    password = password_told(capsys)
    assert path.read_text().strip() == password
    assert len(password) >= 12
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_refuses_where_debug_is_off(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match=r"only with DEBUG=1.*createsuperuser"):
        call_command("demo")


def test_it_refuses_a_database_on_another_machine(trying_out, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "db.example.com")
    with pytest.raises(CommandError, match=r"on db\.example\.com"):
        call_command("demo")
