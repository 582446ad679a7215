"""Addresses out of what somebody pasted or uploaded. Nothing here judges them but as text."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from invitations.one_line import one_line

LONGEST = 254
"""Characters of an address, and of what is kept of something that is none."""
DELIMITERS = ",;\t|"
LOOKED_AT = 100
"""Rows of a CSV file after which it is settled which column holds the addresses."""
HEADINGS = {"email", "e-mail", "mail", "email address", "e-mail address", "address", "recipient"}


def from_text(text: str) -> Iterator[str]:
    """Separated by lines, commas, semicolons, tabs, bars or blanks; of "Ada <ada@example.com>" what is bracketed."""
    for piece in re.split(r"[\r\n,;\t|]+", text):
        # One line of printable signs: a database takes no NUL in JSON, and what is no address is shown as well.
        piece = one_line(piece)
        bracketed = re.findall(r"<([^<>]*)>", piece)
        yield from filter(None, map(_bare, bracketed or piece.split()))


def from_csv(data: bytes) -> Iterator[str]:
    """The column that holds addresses, without its heading. Raises ValidationError for what is no text in rows."""
    text = decoded(data)
    if "\x00" in text:
        raise ValidationError(_("This file is no text. Save the table as CSV and upload that."))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        first = list(islice(rows, LOOKED_AT))
        column = column_of(first)
        for number, row in enumerate(chain(first, rows)):
            cell = row[column] if column < len(row) else ""
            if number == 0 and is_heading(cell):
                continue
            # Of one address with a blank in it, the half that could be an address must not be mailed.
            several = cell.count("@") > 1 or "<" in cell
            yield from from_text(cell) if several else filter(None, [_bare(one_line(cell))])
    except csv.Error as error:
        raise ValidationError(
            _("This file cannot be read as CSV (%s). Save the table as CSV anew, or paste the addresses.") % error
        ) from None


def decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 where the file says so itself; else Latin-1, in which everything is a letter and an address the
    same as in all its relatives."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def delimiter_of(text: str) -> str:
    """Whichever is most frequent in the first lines. Python's own sniffer takes letters for delimiters."""
    head = "".join(text.splitlines(keepends=True)[:10]) if len(text) < 10_000 else text[:10_000]
    return max(DELIMITERS, key=head.count)


def column_of(rows: Iterable[list[str]]) -> int:
    """The one whose heading says so, else the one with the most @."""
    rows = [row for row in rows if row]
    if not rows:
        return 0
    for number, cell in enumerate(rows[0]):
        if cell.strip().strip("\"'").lower() in HEADINGS:
            return number
    width = max(map(len, rows))
    return max(range(width), key=lambda number: sum("@" in cell for row in rows for cell in row[number : number + 1]))


def is_heading(cell: str) -> bool:
    """A first line without an address is one: a list of addresses would hardly begin with something that is none."""
    return "@" not in cell


def _bare(word: str) -> str:
    return word.strip(" \"'<>()[]").removeprefix("mailto:")[:LONGEST]
