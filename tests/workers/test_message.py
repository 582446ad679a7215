"""The wake-up, and what is said of a message that is none."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.message import complaint, wake_up


def test_a_wake_up_is_small_and_says_only_look_now():
    job_id = uuid4()
    assert wake_up(job_id) == wake_up(str(job_id)) == {"type": "job.ready", "id": str(job_id)}
    assert complaint(json.loads(json.dumps(wake_up(job_id)))) is None


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (None, "it is a NoneType and not a dict"),
        (b"\x80", "it is a bytes and not a dict"),
        ([], "it is a list and not a dict"),
        ({}, "its type is None and not 'job.ready'"),
        ({"type": "chat.message", "id": str(uuid4())}, "its type is 'chat.message' and not 'job.ready'"),
        ({"type": ["job.ready"]}, "its type is ['job.ready'] and not 'job.ready'"),
        ({"type": "job.ready"}, "its id None is no job id"),
        ({"type": "job.ready", "id": 7}, "its id 7 is no job id"),
        ({"type": "job.ready", "id": "../../etc"}, "its id '../../etc' is no job id"),
    ],
)
def test_what_is_no_wake_up_is_told_why(message, why):
    assert complaint(message) == why


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "id"]) | st.text(), inner),
)


@given(anything | st.fixed_dictionaries({"type": st.just("job.ready"), "id": anything}))
def test_no_message_whatever_is_an_error(message):
    assert complaint(message) is None or isinstance(complaint(message), str)
