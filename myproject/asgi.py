import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "myproject.settings")
# Loads the apps, so it must come before anything that imports models.
django_application = get_asgi_application()

from myproject.routing import channel_router  # noqa: E402

application = ProtocolTypeRouter({"http": django_application, "channel": channel_router})
