"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def origin_of(request: HttpRequest) -> str | None:
    """The network address to count by, or None where none is known, as behind a Unix socket."""
    meta = request.META
    return origin(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)


def origin(peer: str, forwarded_for: str, trusted_proxies: int) -> str | None:
    """Each proxy adds to the right whom it heard, and whoever asks may have written anything to the left of that.

    An address of version 6 stands for its network of 64 bits, all of which one customer has.
    """
    entries = [entry for entry in forwarded_for.split(",") if entry.strip()]
    # With fewer entries than proxies somebody came another way, and what he wrote there counts for nothing.
    heard = entries[-trusted_proxies] if 0 < trusted_proxies <= len(entries) else peer
    address = _read(heard) or _read(peer)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address) if address else None


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """With or without a port, as proxies write it."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
