"""Where the site is, read from the environment: the part of environment.py that knows host names and addresses."""

import re
from collections.abc import Mapping
from ipaddress import IPv6Address

from django.core.exceptions import ImproperlyConfigured

Environment = Mapping[str, str]

NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.?", re.IGNORECASE | re.ASCII)
ADDRESS = re.compile(r"(https?)://(\[[^\]/]*\]|[^\[\]/:?#@]+)(?::(\d{1,5}))?/?", re.IGNORECASE | re.ASCII)


def allowed_hosts(env: Environment, debug: bool) -> list[str]:
    """The names under which the site answers; one that begins with a dot stands for its subdomains, too."""
    hosts = [host.strip() for host in env.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if "*" in hosts and not debug:
        raise ImproperlyConfigured("ALLOWED_HOSTS=* accepts forged Host headers. Name your hosts, separated by commas.")
    for host in hosts:
        if host != "*" and not is_host(host.removeprefix(".")):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS: {host!r} is no host name. Give names alone, without scheme, port or path: "
                "www.example.com, or .example.com for all its subdomains."
            )
    if not hosts and not debug:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name your site when DEBUG is off: ALLOWED_HOSTS=www.example.com")
    return hosts or ["localhost", "127.0.0.1", "[::1]"]


def site_url(env: Environment, debug: bool, hosts: list[str]) -> str:
    """Where links in mails lead: scheme and host, without a trailing slash. A worker has no request to ask.

    Weakness: a site below a path of its host is not provided for.
    """
    given = env.get("SITE_URL", "").strip()
    url = given or ("http://127.0.0.1:8000" if debug else f"https://{hosts[0].removeprefix('.')}")
    parts = ADDRESS.fullmatch(url)
    if parts is None or not is_host(parts[2]) or int(parts[3] or 0) > 65535:
        # Not told as it is: it may hold a password.
        raise ImproperlyConfigured(
            "SITE_URL is not the address of a site. Set it to scheme and host, with a port where it needs one and "
            "without a path: https://www.example.com"
        )
    port = f":{parts[3]}" if parts[3] else ""
    return f"{parts[1].lower()}://{parts[2]}{port}"


def address_served(host: str, port: str) -> str:
    """Where a server that listens there is found on its own machine."""
    host = {"0.0.0.0": "127.0.0.1", "0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_host(host: str) -> bool:
    """A name or an IPv4 address, or an IPv6 address in brackets, as Django compares it with the header Host."""
    if not host.startswith("["):
        return NAME.fullmatch(host) is not None
    try:
        IPv6Address(host[1:].removesuffix("]"))
    except ValueError:
        return False
    return True
