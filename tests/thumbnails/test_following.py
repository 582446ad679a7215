"""The view of docs/live.md, taken from the page itself: a picture's job as Server-Sent Events."""

import json
import re
from pathlib import Path

import pytest
from django.http import Http404
from django.test import AsyncRequestFactory

from tests.running_worker import running_worker
from tests.waiting import wait_until
from tests.watched import PATIENCE, begin
from workers.models import Job
from workers.testing import drain

pytestmark = pytest.mark.django_db(transaction=True)

DOCS = Path(__file__).resolve().parents[2] / "docs/live.md"


@pytest.fixture
def follow():
    (block,) = [each for each in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.S) if "def follow(" in each]
    written: dict = {}
    exec(compile(block, str(DOCS), "exec"), written)  # noqa: S102
    return written["follow"]


async def read(view, user, picture) -> list[str]:
    request = AsyncRequestFactory().get("/")

    async def auser():
        return user

    request.user, request.auser = user, auser
    response = await view(request, pk=picture.pk)
    assert response.headers["Content-Type"] == "text/event-stream"
    return [line for chunk in [each async for each in response] for line in chunk.decode().split("\n") if line]


def test_the_job_is_followed_to_its_end(follow, owner, add):
    picture = add()
    with running_worker("send-invite", "thumbnailer") as worker:
        lines = begin(worker, read(follow, owner, picture)).result(PATIENCE)
    assert lines[-2:] == ["event: end", "data:"]
    told = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    assert told[-1]["state"] == "SUCCESSFUL"
    assert told[-1]["done"] == told[-1]["total"] == 12


def test_a_job_that_has_ended_is_told_as_such(follow, owner, add):
    picture = add()
    drain()
    with running_worker("send-invite") as worker:
        (said, *_) = begin(worker, read(follow, owner, picture)).result(PATIENCE)
    assert json.loads(said.removeprefix("data: "))["state"] == "SUCCESSFUL"


def test_neither_strangers_nor_pictures_whose_job_is_gone_are_told_anything(follow, owner, stranger, add):
    picture = add()
    with running_worker("send-invite") as worker:
        with pytest.raises(Http404):
            begin(worker, read(follow, stranger, picture)).result(PATIENCE)
        Job.objects.all()._raw_delete("default")
        wait_until(lambda: not Job.objects.exists(), "the job is gone")
        with pytest.raises(Http404):
            begin(worker, read(follow, owner, picture)).result(PATIENCE)
