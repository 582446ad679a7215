"""Lines that belong together are written together, and none is lost."""

import io
import logging

import pytest

from workers.logs import LineHandler, lines_together


class Stream(io.StringIO):
    def __init__(self):
        super().__init__()
        self.writes = 0

    def write(self, text):
        self.writes += 1
        return super().write(text)


@pytest.fixture
def stream():
    return Stream()


@pytest.fixture
def logger(stream):
    logger = logging.Logger("lines")
    logger.addHandler(LineHandler(stream))
    return logger


def test_a_line_alone_is_written_at_once(logger, stream):
    logger.warning("%d job", 1)
    assert stream.getvalue() == "1 job\n"


def test_lines_of_a_batch_are_written_in_one_piece_and_in_order(logger, stream):
    with lines_together():
        for number in range(3):
            logger.warning("job %d", number)
        assert stream.getvalue() == ""
    assert stream.getvalue() == "job 0\njob 1\njob 2\n"
    assert stream.writes == 1
    logger.warning("after")
    assert stream.getvalue().endswith("after\n")


def test_lines_are_written_though_the_batch_fails(logger, stream):
    with pytest.raises(RuntimeError), lines_together():
        logger.warning("before")
        raise RuntimeError
    assert stream.getvalue() == "before\n"


def test_another_threads_lines_are_not_held_up(logger, stream):
    from threading import Thread

    with lines_together():
        thread = Thread(target=logger.warning, args=["from elsewhere"])
        thread.start()
        thread.join()
        assert stream.getvalue() == "from elsewhere\n"


def test_each_handler_writes_its_own(logger, stream):
    other = Stream()
    logger.addHandler(LineHandler(other))
    with lines_together():
        logger.warning("to both")
    assert stream.getvalue() == other.getvalue() == "to both\n"


def test_a_line_that_cannot_be_formatted_or_written_raises_nothing(logger, stream, capsys):
    with lines_together():
        logger.warning("%d jobs", "many")
        logger.warning("fine")
    assert stream.getvalue() == "fine\n"
    stream.close()
    with lines_together():
        logger.warning("to a closed stream")
    assert "Logging error" in capsys.readouterr().err
