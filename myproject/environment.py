"""Turns environment variables into Django settings.

Each function takes the environment (a mapping) and returns one setting, so each can be tested without
starting Django. A value that cannot work raises ``ImproperlyConfigured`` with the cure in its sentence.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from myproject.bucket import bucket_options
from myproject.mail_environment import email as email
from myproject.redis_connections import CONNECTION_CLASSES
from myproject.site_environment import allowed_hosts as allowed_hosts
from myproject.site_environment import site_url as site_url

Environment = Mapping[str, str]

LOGGERS_THAT_NAME_ADDRESSES = ("django.request", "django.security.csrf", "django.channels.server")
DATABASES_SUPPORTED = {"sqlite", "postgres", "postgresql", "psql", "pgsql"}
ENCODED = ", with /, ?, #, @, [ and % in the password written as %2F, %3F, %23, %40, %5B and %25."
PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,100}")


def flag(env: Environment, name: str, default: bool = False) -> bool:
    """``1/true/yes/on`` or ``0/false/no/off``; a typo is an error and not a silent False."""
    value = env.get(name, "").strip().lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={env[name]!r} is neither yes nor no. Set it to 1 or to 0.")


def whole_number(env: Environment, name: str, default: int, least: int | None = None) -> int:
    try:
        number = int(env.get(name) or default)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={env[name]!r} is not a whole number. Set it to one, such as {default}.")
    if least is not None and number < least:
        raise ImproperlyConfigured(f"{name}={number} is too little. Set it to {least} or more, such as {default}.")
    return number


def scheme_of(url: str) -> str:
    """What stands before the colon; "" for what is no URL at all. ``urlsplit`` raises over a lone bracket."""
    return url.partition(":")[0].lower() if "://" in url else ""


def secret_key(env: Environment, debug: bool) -> str:
    key = env.get("SECRET_KEY", "")
    if debug:
        return key or "django-insecure-only-for-this-machine-because-debug-is-on"
    if len(key) < 32:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set to at least 32 random characters when DEBUG is off. Make one: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))". To try the project here: '
            "make run, or DEBUG=1 before any command."
        )
    return key


def time_zone(env: Environment) -> str:
    name = env.get("TIME_ZONE") or "UTC"
    if name not in available_timezones():
        raise ImproperlyConfigured(f"TIME_ZONE={name!r} is no known zone. Set it like Europe/Berlin.")
    return name


def log_level(env: Environment) -> str:
    level = (env.get("LOG_LEVEL") or "INFO").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ImproperlyConfigured(f"LOG_LEVEL={level!r} is no level. Set it to DEBUG, INFO, WARNING or ERROR.")
    return level


def log_format(env: Environment) -> str:
    chosen = (env.get("LOG_FORMAT") or "line").lower()
    if chosen not in {"line", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT={chosen!r} is no format. Set it to json or to line.")
    return chosen


def logging(env: Environment) -> dict[str, Any]:
    """One line per record on stderr, or one JSON object with LOG_FORMAT=json: of the runner from LOG_LEVEL on, of
    Django from INFO, of the rest WARNING."""
    chosen = log_format(env)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "workers.json_lines.JsonLines"},
        },
        "filters": {
            "job": {"()": "workers.current.JobFilter"},
            "hide_tokens": {"()": "invitations.hidden_tokens.HideTokens"},
        },
        "handlers": {
            "console": {
                "class": "workers.logs.LineHandler",
                "formatter": chosen,
                # A line of text has no place for what it adds.
                "filters": ["job"] if chosen == "json" else [],
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Without Django's own handlers, which would say everything twice.
            "django": {"level": "INFO"},
            **{name: {"filters": ["hide_tokens"]} for name in LOGGERS_THAT_NAME_ADDRESSES},
            "workers": {"level": log_level(env)},
            # Whoever waits for a connection is told by an exception; the pool would say it again at each of its tries.
            "psycopg.pool": {"level": "ERROR"},
            # The runner logs one line per attempt itself; Django's own line would say it twice.
            "django.tasks": {"level": "CRITICAL"},
            "django_tasks": {"level": "CRITICAL"},
        },
    }


def var_dir(env: Environment, default: Path) -> Path:
    """The folder for everything the project writes when nothing else is set; made, and only its owner's: mails,
    uploads and the database are nobody else's business on this machine."""
    folder = Path(env.get("VAR_DIR") or default)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Tried and not asked: a disk may be mounted read-only, and root may do everything but that.
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ImproperlyConfigured(
            f"VAR_DIR={str(folder)!r} is no folder that this user can make and write to ({error.strerror}). "
            "Set VAR_DIR to one, or give this one to the user."
        ) from error
    return folder


def databases(env: Environment, var: Path) -> dict[str, dict[str, Any]]:
    """SQLite under ``var`` unless DATABASE_URL says PostgreSQL; each with what the runner relies on.

    Under ASGI every request may be a new thread, so persistent connections pile up: PostgreSQL gets
    Django's pool of DB_POOL_SIZE connections per process instead. Both it and the workers' own connections can pass
    through PgBouncer in transaction mode: Django prepares no statements, and ``.iterator()`` opens no cursor that would
    outlive its transaction. Weakness: it fetches all rows at once, unless the URL ends in
    ``?DISABLE_SERVER_SIDE_CURSORS=False``.
    """
    url = env.get("DATABASE_URL", "") or f"sqlite:///{var / 'db.sqlite3'}"
    scheme = scheme_of(url)
    if scheme not in DATABASES_SUPPORTED:
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {scheme!r}. The runner is built for sqlite:///… and postgres://… only."
        )
    try:
        config = dict(environ.Env.db_url_config(url))
        if "%" in config.get("HOST", ""):
            raise ValueError("What environ encodes in a host, no name server knows.")
    except Exception:
        # The error may quote the password.
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read. Set it like postgres://user:password@host:5432/name{ENCODED}"
        ) from None
    options = dict(config.get("OPTIONS", {}))
    if scheme == "sqlite":
        folder = Path(config["NAME"]).parent
        if config["NAME"] != ":memory:" and not folder.is_dir():
            raise ImproperlyConfigured(f"DATABASE_URL names a file in {str(folder)!r}, no folder. Make it first.")
        options |= {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"}
    else:
        size = whole_number(env, "DB_POOL_SIZE", 4)
        if size < 1:
            raise ImproperlyConfigured(f"DB_POOL_SIZE={size} leaves no connection to work with. Set it to 1 or more.")
        # After an outage nobody waits longer for a connection than the last of the pauses in 5 s of trying, and nobody
        # gets one of before: the pool's own 300 s let them grow to minutes, in which every job and request would fail.
        options |= {"pool": {"min_size": 0, "max_size": size, "timeout": 10, "reconnect_timeout": 5}}
        config = {"DISABLE_SERVER_SIDE_CURSORS": True, "CONN_HEALTH_CHECKS": True} | config
    return {"default": config | {"OPTIONS": options, "CONN_MAX_AGE": 0}}


def channel_layers(env: Environment) -> dict[str, dict[str, Any]]:
    """Redis or Valkey when REDIS_URL is set, otherwise the in-memory layer of ``runserver``.

    ``socket_timeout`` stands above the layer's blocking read of 5 s, and the retry carries a worker over
    a closed connection and a short restart. Without them an idle stock worker dies.
    """
    url = env.get("REDIS_URL", "")
    if not url:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    scheme = scheme_of(url)
    if scheme not in CONNECTION_CLASSES:
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// (TLS) or unix://")
    try:
        address = parse_url(url)
    except ValueError:
        raise ImproperlyConfigured(
            f"REDIS_URL cannot be read. Set it like redis://:password@host:6379/0{ENCODED}"
        ) from None
    host: dict[str, Any] = {
        **address,
        "connection_class": CONNECTION_CLASSES[scheme],
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "protocol": 2,
        "retry": Retry(ExponentialBackoff(cap=2, base=0.1), 10),
    }
    if scheme == "unix":
        host.pop("socket_connect_timeout")
    if scheme == "rediss":
        host["ssl_cert_reqs"] = _tls_verification(env)
    # Two sites on one Redis must not hear each other.
    prefix = env.get("CHANNEL_PREFIX", "") or "myproject"
    if not PREFIX.fullmatch(prefix):
        raise ImproperlyConfigured(
            f"CHANNEL_PREFIX={prefix!r} cannot begin the keys in Redis. Use letters, digits, hyphens, underscores, "
            "periods and colons, up to 100."
        )
    return {
        "default": {
            "BACKEND": "myproject.redis_layer.QuickRedisChannelLayer",
            "CONFIG": {"hosts": [host], "prefix": prefix, "capacity": 100, "expiry": 60},
        }
    }


def _tls_verification(env: Environment) -> str | None:
    """Verified unless told otherwise: Heroku's own certificates are self-signed, and app.json says so."""
    choice = env.get("REDIS_TLS_VERIFY", "required")
    if choice not in {"required", "none"}:
        raise ImproperlyConfigured(f"REDIS_TLS_VERIFY={choice!r} must be 'required' or 'none'.")
    return None if choice == "none" else "required"


def direct_uploads(env: Environment) -> bool:
    """Whether browsers upload straight to the bucket, which must let this site's pages in (docs/deploy.md)."""
    asked = flag(env, "S3_DIRECT_UPLOADS")
    if asked and not env.get("S3_BUCKET"):
        raise ImproperlyConfigured("S3_DIRECT_UPLOADS=1 needs a bucket. Set S3_BUCKET, or S3_DIRECT_UPLOADS=0.")
    return asked


def storages(env: Environment, debug: bool) -> dict[str, dict[str, Any]]:
    """Uploads on the local disk, or in the bucket S3_BUCKET, because web and worker dynos share no disk."""
    files: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if bucket := env.get("S3_BUCKET", ""):
        names = {
            "access_key": "S3_ACCESS_KEY_ID",
            "secret_key": "S3_SECRET_ACCESS_KEY",
            "endpoint_url": "S3_ENDPOINT_URL",
            "region_name": "S3_REGION",
        }
        given = {option: env[name] for option, name in names.items() if env.get(name)}
        if scheme_of(given.get("endpoint_url", "https://")) not in ("http", "https"):
            raise ImproperlyConfigured(
                "S3_ENDPOINT_URL must begin with https:// (or http://), like https://s3.example.com"
            )
        files = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": bucket_options(bucket) | given}
    static = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
        if debug
        else ("whitenoise.storage.CompressedManifestStaticFilesStorage")
    )
    return {"default": files, "staticfiles": {"BACKEND": static}}
