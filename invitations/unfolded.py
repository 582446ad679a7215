"""A header that is written on one line, however long it is."""

from email.policy import Policy


class Unfolded(str):
    """The value of a header that holds an address: in one piece, up to the 998 characters that RFC 5322 allows.

    Python's own header classes, which Django uses from 6.0 on, write a long word as encoded words (RFC 2047). Those are
    for text that people read: a mail program that looks for an address there finds none.
    """

    # By this and ``fold`` Python's policies know a header that folds itself; they look for line breaks no more then.
    name: str
    defects: tuple[()] = ()

    def __new__(cls, name: str, value: str) -> "Unfolded":
        """Raises ValueError for what would be more than one line."""
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"The header {name} must be one line of ASCII.")
        made = super().__new__(cls, value)
        made.name = name
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """Mails are copied."""
        return self.name, str(self)

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"
