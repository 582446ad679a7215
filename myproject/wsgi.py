"""Pages for a WSGI server such as gunicorn. WebSockets need myproject.asgi: docs/recipes/gunicorn-nginx.md."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "myproject.settings")

application = get_wsgi_application()
