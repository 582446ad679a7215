"""The whole Procfile lives on a database of 20 connections and a Redis of 20 clients, through a deploy."""

import io

import psycopg
import pytest
from PIL import Image

from tests.processes.harness import Site
from tests.processes.visitor import Visitor
from tests.servers import Postgres, Redis
from tests.services import own
from tests.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

GUESTS = [f"guest-{number}@example.com" for number in range(100)]


@pytest.fixture
def small_postgres(on_postgres):
    server = own(lambda: Postgres(max_connections=20))
    yield server
    server.stop()


@pytest.fixture
def small_redis():
    server = own(lambda: Redis(maxclients=20))
    yield server
    server.stop()


@pytest.fixture
def small_site(tmp_path, small_postgres, small_redis, mailbox):
    site = Site(
        tmp_path,
        small_postgres.url,
        small_redis.url,
        EMAIL_URL=mailbox.url,
        DJANGO_SUPERUSER_PASSWORD="a password",
    )
    yield site
    site.stop()


def count(site: Site, statement: str) -> int:
    with psycopg.connect(site.database_url) as connection:
        [(number,)] = connection.execute(statement).fetchall()
        return number


def test_the_procfile_fits_into_twenty_connections(small_site, small_postgres, small_redis, mailbox):
    small_site.release()
    small_site.run("python manage.py createsuperuser --noinput --username ada --email ada@example.com")
    small_site.start_web()
    small_site.start_worker("invites")
    small_site.start_worker("thumbs")
    visitor = Visitor(small_site.url).sign_in("ada", "a password")

    photo = io.BytesIO()
    Image.effect_noise((1200, 900), 60).convert("RGB").save(photo, "JPEG")
    for _ in range(2):
        files = [("pictures", f"{number}.jpg", photo.getvalue()) for number in range(10)]
        assert visitor.post("/pictures/", {}, files).status == 302
    visitor.invite_all(GUESTS, threads=16)
    # The next deploy's release runs beside the old processes.
    small_site.release()

    sent = "SELECT count(*) FROM invitations_invitation WHERE sent_at IS NOT NULL"
    ready = "SELECT count(*) FROM thumbnails_picture WHERE rendered_at IS NOT NULL"
    wait_until(lambda: count(small_site, sent) == len(GUESTS), lambda: f"sent: {count(small_site, sent)}", 60)
    wait_until(lambda: count(small_site, ready) == 20, lambda: f"rendered: {count(small_site, ready)}", 60)
    assert mailbox.accepted == dict.fromkeys(GUESTS, 1)
    assert "too many clients" not in small_postgres.log.read_text()
    assert "remaining connection slots" not in small_postgres.log.read_text()
    assert small_redis.info("rejected_connections") == "0"
