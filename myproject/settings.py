"""Settings. What differs between machines comes from the environment (docs/deploy.md), and only from there."""

import os
import sys
from pathlib import Path

import django

from myproject import environment

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
    # Before channels and daphne, because it takes over their runworker and runserver.
    "workers",
    "daphne",
    "channels",
    *(["django_tasks"] if django.VERSION < (6, 0) else []),
    "myproject",
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
DB_CONNECTIONS = environment.whole_number(ENV, "DB_CONNECTIONS", 20)

DEFAULT_FROM_EMAIL = ENV.get("DEFAULT_FROM_EMAIL") or "invitations@localhost"
globals().update(environment.email(ENV, VAR))

STORAGES = environment.storages(ENV, DEBUG)
MEDIA_ROOT = Path(ENV.get("MEDIA_ROOT") or VAR / "media")
# Set when web and worker see the same MEDIA_ROOT: one machine, or a shared volume.
SHARED_MEDIA = environment.flag(ENV, "SHARED_MEDIA", default=DEBUG)
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"

# The sizes every picture is rendered in: name -> (width, height) in pixels, neither exceeded.
THUMBNAILS = {
    "SIZES": {"small": (160, 160), "medium": (480, 480), "large": (1280, 1280)},
    "MAX_BYTES": 20 * 1024 * 1024,
    "MAX_PIXELS": 50_000_000,
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

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Without Django's own handlers, which would say everything twice.
        "django": {"level": "INFO"},
        "workers": {"level": environment.log_level(ENV)},
        # The runner logs one line per attempt itself; Django's own line would say it twice.
        "django.tasks": {"level": "CRITICAL"},
        "django_tasks": {"level": "CRITICAL"},
    },
}
