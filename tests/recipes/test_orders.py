"""docs/recipes/orders.md, done."""

import json
import re

import pytest

from tests.recipes.pages import FOLDER
from tests.sockets import open_socket, refusal

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

RECIPES = ["orders"]
PLACE = """
from django.contrib.auth import get_user_model
from orders.models import Order
print(Order.objects.create(customer=get_user_model().objects.get(username={customer!r})).pk)
"""
MOVE = "from orders.models import Order; Order.objects.get(pk={pk}).move_to({state!r})"
MOVE_AND_ROLL_BACK = """
from contextlib import suppress
from django.db import transaction
from orders.models import Order
with suppress(ZeroDivisionError), transaction.atomic():
    Order.objects.get(pk={pk}).move_to("lost")
    1 / 0
Order.objects.get(pk={pk}).move_to("delivered")
"""


def hear(socket):
    return json.loads(socket.recv(timeout=10))


def place(web, customer):
    return int(web.shell(PLACE.format(customer=customer)).split()[-1])


def test_a_customer_hears_of_their_orders_from_another_process_and_of_no_others(web):
    of_ada, of_bob = place(web, "ada"), place(web, "bob")
    with (
        open_socket(web.url, "/ws/orders/", web.sign_in("ada")) as ada,
        open_socket(web.url, "/ws/orders/", web.sign_in("bob")) as bob,
    ):
        assert hear(ada) == {"order": of_ada, "state": "placed"}
        assert hear(bob) == {"order": of_bob, "state": "placed"}
        web.shell(MOVE.format(pk=of_ada, state="packed") + ";" + MOVE.format(pk=of_bob, state="shipped"))
        assert hear(ada) == {"order": of_ada, "state": "packed"}
        assert hear(bob) == {"order": of_bob, "state": "shipped"}
        # The next that ada hears is of her second change: nothing was rolled back into her page, and nothing of bob's.
        web.shell(MOVE_AND_ROLL_BACK.format(pk=of_ada))
        assert hear(ada) == {"order": of_ada, "state": "delivered"}


def test_the_commands_of_the_page_make_an_order_and_move_it(web):
    create, move = re.findall(r"^    (python manage\.py shell .*)$", (FOLDER / "orders.md").read_text(), re.MULTILINE)
    web.run(create.replace("'demo'", "'dan'"))
    web.run(move)
    assert web.rows("SELECT state FROM orders_order ORDER BY id DESC LIMIT 1") == [("shipped",)]


def test_a_socket_opened_anew_shows_what_it_missed(web):
    pk = place(web, "cleo")
    visitor = web.sign_in("cleo")
    with open_socket(web.url, "/ws/orders/", visitor) as socket:
        assert hear(socket) == {"order": pk, "state": "placed"}
    web.shell(MOVE.format(pk=pk, state="shipped"))
    with open_socket(web.url, "/ws/orders/", visitor) as socket:
        assert hear(socket) == {"order": pk, "state": "shipped"}


def test_the_change_stands_though_redis_is_down(web):
    pk = place(web, "dan")
    web.env["REDIS_URL"], redis_url = "redis://127.0.0.1:1/0", web.env["REDIS_URL"]
    try:
        said = web.shell(MOVE.format(pk=pk, state="shipped"))
    finally:
        web.env["REDIS_URL"] = redis_url
    assert web.rows(f"SELECT state FROM orders_order WHERE id = {pk}") == [("shipped",)]  # noqa: S608
    assert "TimeoutError" in said


def test_strangers_are_refused(web):
    assert refusal(web.url, "/ws/orders/") == 403
