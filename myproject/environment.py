"""Turns environment variables into Django settings.

Each function takes the environment (a mapping) and returns one setting, so each can be tested without
starting Django. A value that cannot work raises ``ImproperlyConfigured`` with the cure in its sentence.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

Environment = Mapping[str, str]

DATABASES_SUPPORTED = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}


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


def whole_number(env: Environment, name: str, default: int) -> int:
    try:
        return int(env.get(name) or default)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={env[name]!r} is not a whole number. Set it to one, such as {default}.")


def secret_key(env: Environment, debug: bool) -> str:
    key = env.get("SECRET_KEY", "")
    if debug:
        return key or "django-insecure-only-for-this-machine-because-debug-is-on"
    if len(key) < 32:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set to at least 32 random characters when DEBUG is off. Make one: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))". To try the project here: make run.'
        )
    return key


def allowed_hosts(env: Environment, debug: bool) -> list[str]:
    hosts = [host.strip() for host in env.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if debug:
        return hosts or ["localhost", "127.0.0.1", "[::1]"]
    if not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name your site when DEBUG is off: ALLOWED_HOSTS=www.example.com")
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS=* accepts forged Host headers. Name your hosts, separated by commas.")
    return hosts


def site_url(env: Environment, debug: bool, hosts: list[str]) -> str:
    """Where links in mails lead, without a trailing slash. A worker has no request to ask."""
    url = env.get("SITE_URL", "") or ("http://127.0.0.1:8000" if debug else f"https://{hosts[0].removeprefix('.')}")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ImproperlyConfigured(f"SITE_URL={url!r} is not an address. Set it like https://www.example.com")
    return url.rstrip("/")


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


def var_dir(env: Environment, default: Path) -> Path:
    """The folder for everything the project writes when nothing else is set; made, and only its owner's: mails,
    uploads and the database are nobody else's business on this machine."""
    folder = Path(env.get("VAR_DIR") or default)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR={str(folder)!r} cannot be made ({error}). Name another folder.") from error
    return folder


def databases(env: Environment, var: Path) -> dict[str, dict[str, Any]]:
    """SQLite under ``var`` unless DATABASE_URL says PostgreSQL; each with what the runner relies on.

    Under ASGI every request may be a new thread, so persistent connections pile up: PostgreSQL gets
    Django's pool of DB_POOL_SIZE connections per process instead.
    """
    url = env.get("DATABASE_URL", "") or f"sqlite:///{var / 'db.sqlite3'}"
    try:
        config = dict(environ.Env.db_url_config(url))
    except Exception as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read ({error}). Set it like postgres://user:password@host:5432/name"
        ) from error
    engine = config.get("ENGINE")
    if engine not in DATABASES_SUPPORTED:
        raise ImproperlyConfigured(
            f"DATABASE_URL asks for {engine}. The runner is built for sqlite:///… and postgres://… only."
        )
    options = dict(config.get("OPTIONS", {}))
    if engine.endswith("sqlite3"):
        folder = Path(config["NAME"]).parent
        if config["NAME"] != ":memory:" and not folder.is_dir():
            raise ImproperlyConfigured(f"DATABASE_URL names a file in {str(folder)!r}, no folder. Make it first.")
        options |= {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"}
    else:
        size = whole_number(env, "DB_POOL_SIZE", 4)
        if size < 1:
            raise ImproperlyConfigured(f"DB_POOL_SIZE={size} leaves no connection to work with. Set it to 1 or more.")
        options |= {"pool": {"min_size": 0, "max_size": size, "timeout": 10}}
    return {"default": config | {"OPTIONS": options, "CONN_MAX_AGE": 0}}


def channel_layers(env: Environment) -> dict[str, dict[str, Any]]:
    """Redis or Valkey when REDIS_URL is set, otherwise the in-memory layer of ``runserver``.

    ``socket_timeout`` stands above the layer's blocking read of 5 s, and the retry carries a worker over
    a closed connection and a short restart. Without them an idle stock worker dies.
    """
    url = env.get("REDIS_URL", "")
    if not url:
        return {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"REDIS_URL={url!r} must begin with redis://, rediss:// or unix://")
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise ImproperlyConfigured(f"REDIS_URL cannot be read ({error}). Set it like redis://host:6379/0") from error
    host: dict[str, Any] = {
        "address": url,
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "protocol": 2,
        "retry": Retry(ExponentialBackoff(cap=2, base=0.1), 10),
    }
    if url.startswith("unix://"):
        host.pop("socket_connect_timeout")
    if url.startswith("rediss://"):
        host["ssl_cert_reqs"] = _tls_verification(env)
    # Two sites on one Redis must not hear each other.
    prefix = env.get("CHANNEL_PREFIX", "") or "myproject"
    return {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [host], "prefix": prefix, "capacity": 100, "expiry": 60},
        }
    }


def _tls_verification(env: Environment) -> str | None:
    """Verified unless told otherwise: Heroku's own certificates are self-signed, and app.json says so."""
    choice = env.get("REDIS_TLS_VERIFY", "required")
    if choice not in {"required", "none"}:
        raise ImproperlyConfigured(f"REDIS_TLS_VERIFY={choice!r} must be 'required' or 'none'.")
    return None if choice == "none" else "required"


def email(env: Environment, var: Path) -> dict[str, Any]:
    """EMAIL_PROVIDER (an anymail backend's name), else EMAIL_URL (SMTP), else files under ``var/mail``.

    The provider's own variables go to anymail as they are named there: with EMAIL_PROVIDER=mailgun,
    MAILGUN_API_KEY, or ANYMAIL_MAILGUN_API_KEY.
    """
    settings: dict[str, Any] = {"EMAIL_TIMEOUT": 10, "ANYMAIL": {"REQUESTS_TIMEOUT": 10}}
    if provider := env.get("EMAIL_PROVIDER", "").strip().lower():
        settings["EMAIL_BACKEND"] = f"anymail.backends.{provider}.EmailBackend"
        prefix = provider.upper() + "_"
        for name, value in env.items():
            if name.startswith(("ANYMAIL_", prefix)):
                settings["ANYMAIL"][name.removeprefix("ANYMAIL_")] = value
    elif url := env.get("EMAIL_URL", ""):
        try:
            settings |= environ.Env.email_url_config(url)
        except Exception as error:
            raise ImproperlyConfigured(
                f"EMAIL_URL cannot be read ({error}). Set it like smtp+tls://user:password@host:587"
            ) from error
        settings.pop("EMAIL_FILE_PATH", None)
    else:
        settings |= {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": var / "mail",
        }
    return settings


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
        options = {"bucket_name": bucket, "file_overwrite": False, "default_acl": None, "querystring_auth": True}
        files = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | given}
        # boto3's newer checksums are refused by other S3-like services.
        os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
        os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")
    static = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
        if debug
        else ("whitenoise.storage.CompressedManifestStaticFilesStorage")
    )
    return {"default": files, "staticfiles": {"BACKEND": static}}
