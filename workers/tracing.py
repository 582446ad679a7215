"""One trace from the request that enqueues to the run of its job, when OpenTelemetry is installed and set up.

Otherwise nothing here does anything. With it, each enqueue is a PRODUCER span and each run a CONSUMER span below it,
named and attributed as the semantic conventions for messaging say. The row keeps the W3C traceparent. Weakness: the
tracestate, which only some vendors use, does not travel.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from workers.models import Job

Tell = Callable[[BaseException | None, str], None]
"""Takes what a run raised, if anything, and the state that its job is in now."""

NO_TRACE = nullcontext("")
NOBODY_LISTENS: AbstractContextManager[Tell] = nullcontext(lambda error, state: None)


LOOK_AGAIN = 1.0
"""Seconds after which it is asked again whether somebody set up an SDK; asking takes longer than the rest."""
_silent_until = 0.0


def api() -> Any:
    """The API, if somebody has imported it. Who set up an SDK has; for others it would only take up memory."""
    return sys.modules.get("opentelemetry.trace")


def records() -> bool:
    """Is anybody there to whom spans go? The API alone, which other packages bring along, would only cost: 25 µs for
    each span, as much as the rest of a short job."""
    global _silent_until
    found = api()
    if found is None or time.monotonic() < _silent_until:
        return False
    if isinstance(found.get_tracer_provider(), found.ProxyTracerProvider):
        _silent_until = time.monotonic() + LOOK_AGAIN
        return False
    return True


def enqueuing(queue: str, task: str, ids: Sequence[UUID]) -> AbstractContextManager[str]:
    """Around the INSERT; gives the traceparent to be kept with the jobs, "" for none."""
    return _producer(queue, task, ids) if records() else NO_TRACE


def running(job: "Job") -> AbstractContextManager[Tell]:
    """Around one attempt, in the thread and context that the task runs in; gives what is to be called with its end."""
    return _consumer(job) if records() else NOBODY_LISTENS


@contextmanager
def _producer(queue: str, task: str, ids: Sequence[UUID]) -> Iterator[str]:
    attributes = _attributes("send", queue, task)
    if len(ids) == 1:
        attributes["messaging.message.id"] = str(ids[0])
    else:
        attributes["messaging.batch.message_count"] = len(ids)
    tracer = api().get_tracer("workers")
    with tracer.start_as_current_span(f"send {queue}", kind=api().SpanKind.PRODUCER, attributes=attributes):
        carrier: dict[str, str] = {}
        _propagator().inject(carrier)
        yield carrier.get("traceparent", "")


@contextmanager
def _consumer(job: "Job") -> Iterator[Tell]:
    attributes = _attributes("process", job.queue, job.task)
    attributes |= {"messaging.message.id": str(job.id), "workers.attempt": job.attempts + 1}
    whence = _propagator().extract({"traceparent": job.trace})
    tracer = api().get_tracer("workers")
    with tracer.start_as_current_span(
        f"process {job.queue}", context=whence, kind=api().SpanKind.CONSUMER, attributes=attributes
    ) as span:

        def tell(error: BaseException | None, state: str) -> None:
            span.set_attribute("workers.state", str(state))
            if error is not None:
                span.record_exception(error)
                span.set_attribute("error.type", f"{type(error).__module__}.{type(error).__qualname__}")
                span.set_status(api().Status(api().StatusCode.ERROR))

        yield tell


@cache
def _propagator() -> Any:
    return import_module("opentelemetry.trace.propagation.tracecontext").TraceContextTextMapPropagator()


def _attributes(operation: str, queue: str, task: str) -> dict[str, str | int]:
    return {
        "messaging.system": "workers",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": queue,
        "workers.task": task,
    }
