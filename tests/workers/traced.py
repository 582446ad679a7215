"""Tasks that tell in which span they run."""

from workers import task


def current_span() -> list[str]:
    """The trace and the span, as hexadecimal digits."""
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    return [f"{context.trace_id:032x}", f"{context.span_id:016x}"]


@task
def where_am_i() -> list[str]:
    return current_span()


@task
async def awhere_am_i() -> list[str]:
    return current_span()
