"""What an owner does with one of his pictures, by form or over the socket: a sentence that says what was done.

All raise NotDone, with the reason for the owner to read.
"""

from collections.abc import Callable

from thumbnails import actions
from thumbnails.models import Picture


class NotDone(Exception):
    """Nothing was changed; the message says why."""


def retry(picture: Picture) -> str:
    if not actions.try_again(picture.pk):
        raise NotDone(f"{picture.name} is not waiting to be tried again.")
    return f"{picture.name} is waiting for the worker again."


def cancel(picture: Picture) -> str:
    match actions.cancel(picture):
        case True:
            return f"The rendering of {picture.name} is cancelled."
        case False:
            return f"{picture.name} is being rendered at this moment; the worker is asked to stop."
    raise NotDone(f"Nothing was cancelled: {picture.name} is {picture.state.label}.")


ACTIONS: dict[str, Callable[[Picture], str]] = {"retry": retry, "cancel": cancel}
