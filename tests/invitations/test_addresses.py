"""Addresses out of what was pasted or uploaded."""

import pytest
from django.core.exceptions import ValidationError

from invitations.batches.addresses import from_csv, from_text

TWO = ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com\nb@example.com",
        "a@example.com,b@example.com",
        " a@example.com ;; b@example.com;\r\n",
        "a@example.com b@example.com",
        "a@example.com\tb@example.com",
        "a@example.com | b@example.com",
        "Ada Lovelace <a@example.com>, Bob <b@example.com>",
        "\"a@example.com\", 'b@example.com'",
        "mailto:a@example.com\n(b@example.com)",
        "a@example.com\x00\u200bb@example.com",
    ],
)
def test_pasted_addresses_may_be_separated_by_anything(text):
    assert list(from_text(text)) == TWO


def test_what_is_no_address_is_kept_to_be_marked_and_bounded():
    assert list(from_text("nobody, " + "x" * 10_000)) == ["nobody", "x" * 254]


@pytest.mark.parametrize(
    "table",
    [
        "a@example.com\nb@example.com\n",
        "Email\na@example.com\nb@example.com\n",
        "Name,E-Mail\nAda,a@example.com\nBob,b@example.com\n",
        "Name;Mail;Town\r\nAda;a@example.com;London\r\nBob;b@example.com;Paris\r\n",
        'Name\tEmail address\n"Lovelace, Ada"\ta@example.com\nBob\tb@example.com\n',
        # Two columns with addresses: the heading decides.
        "Manager's,Email\nboss@example.com,a@example.com\nboss@example.com,b@example.com\n",
        # No heading: the column with the most of them does.
        "Ada,a@example.com\nBob @ home,b@example.com\n",
        "Name,Email\nAda,Ada <a@example.com>\nshort\nBob,b@example.com\n",
    ],
)
def test_of_a_table_only_the_column_with_the_addresses_is_read(table):
    assert list(from_csv(table.encode())) == TWO


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_the_encoding_is_guessed(encoding):
    table = "Name;Email\nJosé;josé@example.com\nZoë;b@example.com\n"
    assert list(from_csv(table.encode(encoding))) == ["josé@example.com", "b@example.com"]


@pytest.mark.parametrize("cell", ["not an address", "no body@example.com"])
def test_a_bad_cell_is_one_bad_address_and_no_part_of_it_is_mailed(cell):
    assert list(from_csv(f"Email\n{cell}\n".encode())) == [cell]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04\x00\x00\x00binary", b'Email\n"' + b"x" * 200_000], ids=["binary", "a cell without end"]
)
def test_what_is_no_table_is_refused_with_the_cure(data):
    with pytest.raises(ValidationError, match="Save the table as CSV"):
        list(from_csv(data))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"Email\n"])
def test_an_empty_table_has_no_address(data):
    assert list(from_csv(data)) == []
