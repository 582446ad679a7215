"""The one spelling of an address."""


def normalize_email(address: str) -> str:
    """One spelling per mailbox, as far as it can be known: without spaces around it, in small letters."""
    return address.strip().lower()
