"""The page behind the link: GET shows, POST accepts, and by which account."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from invitations.inviting import invite
from invitations.models import Invitation
from tests.invitations.guest import ACCEPT, PASSWORD, link_to, open_link, press_accept, sign_up
from tests.invitations.running import read


def accepted() -> bool:
    return Invitation.objects.get().accepted_at is not None


def test_looking_at_the_link_accepts_nothing(client, invitation):
    for _ in range(3):  # mail scanners come first
        answer = open_link(client, invitation)
        assert answer.status_code == 200
        assert "Ada Lovelace invites you" in answer.text
    client.head(link_to(invitation), follow=True)
    assert not accepted()


def test_the_link_itself_takes_no_post(client, invitation, grace):
    client.force_login(grace)
    assert client.post(link_to(invitation)).status_code == 405
    assert not accepted()


def test_who_is_signed_in_accepts_with_one_click(client, invitation, grace):
    client.force_login(grace)
    shown = open_link(client, invitation)
    assert "You are signed in as grace." in shown.text
    assert 'name="password1"' not in shown.text
    assert "You have accepted" in press_accept(client, invitation).text
    found = read(invitation)
    assert (found.state, found.accepted_by) == ("accepted", grace)


def test_who_has_an_account_signs_in_on_the_way(client, invitation, grace):
    shown = open_link(client, invitation)
    assert f'href="/login/?next={ACCEPT}"' in shown.text
    answer = client.post(f"/login/?next={ACCEPT}", {"username": "grace", "password": PASSWORD}, follow=True)
    assert "You are signed in as grace." in answer.text
    press_accept(client, invitation)
    assert read(invitation).accepted_by == grace


def test_who_has_none_signs_up_and_the_account_has_the_proved_address(client, invitation):
    open_link(client, invitation)
    answer = sign_up(client, invitation, "newcomer", email="other@example.com", is_staff="on")
    assert "You have accepted" in answer.text
    newcomer = User.objects.get(username="newcomer")
    assert (newcomer.email, newcomer.is_staff, newcomer.check_password(PASSWORD)) == ("guest@example.com", False, True)
    assert read(invitation).accepted_by == newcomer
    assert client.get("/pictures/").status_code == 200, "signed in from now on"


def test_an_account_with_another_address_cannot_accept_and_is_told_how(client, invitation):
    client.force_login(User.objects.create_user("eve", "eve@example.com"))
    assert "whose address is another one" in open_link(client, invitation).text
    assert "whose address is another one" in press_accept(client, invitation).text
    assert not accepted()


def test_an_account_without_an_address_may_accept_and_is_left_without_one(client, invitation):
    nameless = User.objects.create_user("nameless")
    client.force_login(nameless)
    open_link(client, invitation)
    press_accept(client, invitation)
    nameless.refresh_from_db()
    assert read(invitation).accepted_by == nameless
    assert nameless.email == ""


def without_its_own(page: str, invitation: Invitation) -> str:
    page = re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", page)
    return page.replace(invitation.email, "").replace(str(invitation.pk), "")


def test_the_page_and_its_answer_are_the_same_whether_or_not_there_is_an_account(ada):
    pages, answers = set(), set()
    for accounts in range(3):
        invitation = invite(ada, f"guest-{accounts}@example.com")
        for number in range(accounts):
            User.objects.create_user(f"known-{accounts}-{number}", invitation.email.upper(), PASSWORD)
        client = Client()
        pages.add(without_its_own(open_link(client, invitation).text, invitation))
        answer = sign_up(client, invitation, f"newcomer-{accounts}")
        assert answer.redirect_chain == [(ACCEPT, 302)]
        answers.add(without_its_own(answer.text, invitation).replace(f"newcomer-{accounts}", ""))
        assert read(invitation).accepted_by.username == f"newcomer-{accounts}"
    (page,), (answer,) = pages, answers
    assert "Sign in to accept" in page
    assert "Sign up and accept" in page
    assert "You have accepted" in answer


def test_an_account_with_the_same_address_is_not_taken_over(client, invitation, grace):
    before = User.objects.values().get(pk=grace.pk)
    open_link(client, invitation)
    sign_up(client, invitation, password1="another password", password2="another password")
    assert User.objects.values().get(pk=grace.pk) == before
    assert read(invitation).accepted_by.username == "guest"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "ada"}, "A user with that username already exists."),
        ({"name": "ADA"}, "A user with that username already exists."),
        ({"name": ""}, "This field is required."),
        ({"password2": "something else"}, "The two password fields"),
        ({"password1": "123", "password2": "123"}, "This password is too short."),
        ({"password1": "guest@example.com", "password2": "guest@example.com"}, "too similar to the email address"),
    ],
    ids=str,
)
def test_a_sign_up_that_cannot_be_is_refused_in_words_and_accepts_nothing(client, invitation, values, sentence):
    open_link(client, invitation)
    assert sentence in sign_up(client, invitation, **values).text
    assert User.objects.count() == 1
    assert not accepted()


def test_fields_and_buttons_serve_a_keyboard_and_a_password_manager(client, invitation):
    shown = open_link(client, invitation).text
    assert 'autocomplete="username"' in shown
    assert shown.count('autocomplete="new-password"') == 2
    assert "autofocus" not in shown
    assert "<script" not in shown


def test_it_is_accepted_once(client, invitation, grace):
    client.force_login(grace)
    open_link(client, invitation)
    press_accept(client, invitation)
    first = Invitation.objects.get().accepted_at
    assert "You have accepted" in press_accept(client, invitation).text
    stranger = Client()
    assert "already accepted" in open_link(stranger, invitation).text
    assert "already accepted" in sign_up(stranger, invitation, "late").text
    assert not User.objects.filter(username="late").exists()
    found = read(invitation)
    assert (found.accepted_at, found.accepted_by) == (first, grace)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_up_at_the_same_moment_one_accepts_and_one_account_is_made():
    invitation = invite(User.objects.create_user("ada"), "guest@example.com")
    clients = {name: Client() for name in ("one", "two", "three")}
    for client in clients.values():
        open_link(client, invitation)

    def post(name: str) -> str:
        try:
            return sign_up(clients[name], invitation, name).text
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(post, clients))
    assert sum("You have accepted" in answer for answer in answers) == 1
    assert sum("already accepted" in answer for answer in answers) == 2
    assert [user.username for user in User.objects.exclude(username="ada")] == [read(invitation).accepted_by.username]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_same_name_at_the_same_moment_one_is_told():
    ada = User.objects.create_user("ada")
    both = [invite(ada, f"{name}@example.com") for name in ("one", "two")]
    clients = [Client(), Client()]
    for client, invitation in zip(clients, both, strict=True):
        open_link(client, invitation)

    def post(number: int) -> str:
        try:
            return sign_up(clients[number], both[number], "wanted").text
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(post, range(2)))
    assert sum("You have accepted" in answer for answer in answers) == 1
    assert sum("A user with that username already exists." in answer for answer in answers) == 1
    assert Invitation.objects.exclude(accepted_at=None).count() == 1


def test_the_page_of_one_invitation_does_not_accept_another_that_was_opened_since(client, ada, invitation):
    nameless = User.objects.create_user("nameless")
    client.force_login(nameless)
    open_link(client, invitation)
    other = invite(ada, "other@example.com")
    open_link(client, other)
    assert "The invitation was sent to other@example.com." in press_accept(client, invitation).text
    assert not Invitation.objects.exclude(accepted_at=None).exists()


def test_a_forged_post_does_not_accept(invitation, grace):
    client = Client(enforce_csrf_checks=True)
    client.force_login(grace)
    open_link(client, invitation)
    forged = client.post(ACCEPT, {"invitation": str(invitation.pk)}, headers={"origin": "https://evil.example"})
    assert forged.status_code == 403
    assert not accepted()
    token = client.cookies["csrftoken"].value
    honest = client.post(
        ACCEPT,
        {"invitation": str(invitation.pk), "csrfmiddlewaretoken": token},
        headers={"origin": "http://testserver"},
    )
    assert honest.status_code == 302
    assert accepted()


def test_without_having_opened_the_link_nobody_accepts(client, invitation, grace):
    client.force_login(grace)
    assert press_accept(client, invitation).status_code == 404
    assert sign_up(Client(), invitation).status_code == 404
    assert not accepted()


def test_the_inviters_name_is_escaped(client, invitation, ada):
    ada.first_name = "<script>alert(1)</script>"
    ada.save()
    assert "<script>" not in open_link(client, invitation).text
