"""Settings. What differs between machines comes from the environment (docs/deploy.md), and only from there."""

import os
import sys
from pathlib import Path
from typing import Any

import django

from myproject import environment, invitation_environment

ROOT = Path(__file__).resolve().parent.parent
ENV = os.environ
VAR = environment.var_dir(ENV, ROOT / "var")

DEBUG = environment.flag(ENV, "DEBUG")
# Heroku collects the static files while building, before any secret is set.
BUILDING = "collectstatic" in sys.argv
SECRET_KEY = environment.secret_key(ENV, DEBUG or BUILDING)
ALLOWED_HOSTS = environment.allowed_hosts(ENV, DEBUG or BUILDING)
SITE_URL = environment.site_url(ENV, DEBUG or BUILDING, ALLOWED_HOSTS)

INSTALLED_APPS = [
    # Before workers, whose runserver it tells where the site is; and that before channels, because it takes over its
    # runworker. Its runserver is daphne's with a worker inside: "daphne" itself would only load Twisted into every
    # worker, 20 MB each.
    "myproject",
    "workers",
    "channels",
    *(["django_tasks"] if django.VERSION < (6, 0) else []),
    "invitations",
    "thumbnails",
    "anymail",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    # Answers /healthz and /readyz; before all that could redirect or refuse them, or ask the database.
    "workers.health.answer_probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "myproject.urls"
ASGI_APPLICATION = "myproject.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = environment.databases(ENV, VAR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = environment.channel_layers(ENV)
TASKS = {
    "default": {
        "BACKEND": "workers.backend.ChannelsBackend",
        "QUEUES": ["default", "send-invite", "thumbnailer"],
        "OPTIONS": {},
    },
}
# What the database plan allows; a check adds up what web, workers and release may open.
DB_CONNECTIONS = environment.whole_number(ENV, "DB_CONNECTIONS", 20, least=1)
# Opens /metrics to Prometheus; without one only staff may look.
WORKERS_METRICS_TOKEN = ENV.get("METRICS_TOKEN", "")

DEFAULT_FROM_EMAIL = ENV.get("DEFAULT_FROM_EMAIL") or "invitations@localhost"
ANYMAIL: dict[str, Any]  # for mypy, which does not see into the next line
globals().update(environment.email(ENV, VAR))
INVITATIONS_LIFETIME_DAYS = invitation_environment.lifetime_days(ENV)
INVITATIONS_REMINDER_DAYS = invitation_environment.reminder_days(ENV, INVITATIONS_LIFETIME_DAYS)

TRUSTED_PROXIES = invitation_environment.trusted_proxies(ENV)
INVITATION_LIMITS = invitation_environment.invitation_limits(ENV)

STORAGES = environment.storages(ENV, DEBUG)
DIRECT_UPLOADS = environment.direct_uploads(ENV)
MEDIA_ROOT = Path(ENV.get("MEDIA_ROOT") or VAR / "media")
# Set when web and worker see the same MEDIA_ROOT: one machine, or a shared volume.
SHARED_MEDIA = environment.flag(ENV, "SHARED_MEDIA", default=DEBUG)
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"

# What is made of every picture: name -> (width, height) in pixels, neither exceeded, or a dictionary of any of what
# thumbnails/specs.py explains; and what is accepted, as thumbnails/limits.py explains.
THUMBNAILS = {
    "SPECS": {
        "small": {"width": 160, "height": 120, "mode": "cover"},
        "medium": (480, 480),
        "large": (1280, 1280),
    },
    "MAX_BYTES": 20 * 1024 * 1024,
    "MAX_PIXELS": 50_000_000,
    "MAX_FRAMES": 200,
    "MAX_SECONDS": 60,
}

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
TIME_ZONE = environment.time_zone(ENV)
USE_TZ = True

# Whose pages link to the outbox while DEBUG is on.
INTERNAL_IPS = ["127.0.0.1", "::1"]

# An invitation's link is a secret: it must not leave in a Referer header.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if not DEBUG:
    SECURE_SSL_REDIRECT = environment.flag(ENV, "SECURE_SSL_REDIRECT", default=SITE_URL.startswith("https://"))
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
    SECURE_HSTS_SECONDS = 3600 if SECURE_SSL_REDIRECT else 0
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# What the subdomains serve, and the browsers' preload list, are for the site's owner to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = environment.logging(ENV)
DEFAULT_EXCEPTION_REPORTER = "invitations.hidden_tokens.Reporter"
