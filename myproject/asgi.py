import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "myproject.settings")
# Loads the apps, so it must come before anything that imports models.
django_application = get_asgi_application()

from myproject.root_path import OwnRootPath  # noqa: E402
from myproject.routing import channel_router, websocket_urlpatterns  # noqa: E402

# A stranger's path is refused; unmatched it would be an exception, with its traceback in the log.
sockets = URLRouter([*websocket_urlpatterns, re_path("", WebsocketDenier.as_asgi())])
application = ProtocolTypeRouter(
    {
        "http": OwnRootPath(django_application),
        "websocket": OwnRootPath(AllowedHostsOriginValidator(AuthMiddlewareStack(sockets))),
        "channel": channel_router,
    }
)
