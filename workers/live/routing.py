"""The socket's path, for the project's ``URLRouter``."""

from django.urls import path

from workers.live.consumer import LiveConsumer

websocket_urlpatterns = [path("live/", LiveConsumer.as_asgi())]
