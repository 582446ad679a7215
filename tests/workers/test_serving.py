"""From names on the command line to what a worker serves."""

import pytest
from channels.routing import ChannelNameRouter, ProtocolTypeRouter

from workers.serving import DEFAULT_CONCURRENCY, resolve

APPLICATION = ProtocolTypeRouter({"channel": ChannelNameRouter({"plain": lambda: None})})


def served(*names, **options):
    return resolve(APPLICATION, "default", names, **options).assignment


def test_a_name_may_carry_a_limit():
    assignment = served("send-invite:20", "thumbnailer")
    assert assignment.queues == ("send-invite", "thumbnailer")
    assert assignment.limits == {"send-invite": 20}
    assert assignment.concurrency == DEFAULT_CONCURRENCY


def test_limits_of_all_queues_together_are_the_slots():
    assert served("send-invite:20", "thumbnailer:2").concurrency == 22
    assert served("send-invite:20", "thumbnailer:2", concurrency=8).concurrency == 8
    assert served("send-invite:20", "plain").concurrency == 20


def test_without_names_all_queues_are_served_without_limits():
    assignment = served()
    assert assignment.queues == ("default", "send-invite", "thumbnailer")
    assert (assignment.limits, assignment.concurrency) == ({}, DEFAULT_CONCURRENCY)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["default:0"], "'default:0': a limit is a whole number from 1 to 1000, as in default:2."),
        (["default:"], "a limit is a whole number"),
        (["default:two"], "a limit is a whole number"),
        (["default:2", "default:3"], "'default' is named with two different limits"),
        (["plain:2"], "'plain' is a plain consumer"),
        (["unknown:2"], "'unknown': no such queue"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_reason(names, told):
    with pytest.raises(ValueError, match=told):
        served(*names)
