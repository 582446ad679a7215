"""What an inviter writes to a stranger is words only: a mail of this site must not carry somebody's advertisement."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from invitations.one_line import one_line

NOTE_LENGTH = 500

# Wide, because mail programs make a link of whatever looks like one. A dot of another script counts before Latin
# letters only: in Chinese it ends every sentence.
LINK = re.compile(
    r"""
      ://                                       # http://…, and any other scheme
    | \b(?:www\d*|mailto)\s*[.:]
    | @                                         # a mail address, or a handle
    | \b[^\W_][\w-]*[.][^\W\d_]{2,}             # example.com
    | \b[^\W_][\w-]*[。][a-z]{2,}               # example。com
    | \b\d{1,3}(?:[.]\d{1,3}){3}\b              # 192.0.2.1
    """,
    re.IGNORECASE | re.VERBOSE,
)
NON_JOINER = "\u200c"


def looks_like_link(text: str) -> bool:
    return LINK.search(unicodedata.normalize("NFKC", text)) is not None


def checked_note(text: str) -> str:
    """The note as one paragraph. Raises ValidationError with a sentence for the inviter."""
    note = one_line(text)
    if len(note) > NOTE_LENGTH:
        raise ValidationError(_("The note is too long: %d letters at most.") % NOTE_LENGTH)
    if looks_like_link(note):
        raise ValidationError(
            _("Write the note without links, addresses and names of sites; the mail has the invitation's own link.")
        )
    return note


def without_links(name: str) -> str:
    """A name to be read in a mail: reads the same, and no mail program makes a link of it."""
    return re.sub(r"([.:@/])(?=\S)", rf"\1{NON_JOINER}", name) if looks_like_link(name) else name
