from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.urls import include, path
from django.views.generic import TemplateView

from invitations.webhooks import webhook

urlpatterns = [
    # Pages with base.html do without; the admin and errors do not say so, and the browser asks.
    path("favicon.ico", lambda request: HttpResponse(status=204, headers={"Cache-Control": "max-age=86400"})),
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("invitations/", include("invitations.urls")),
    path("anymail/<path:endpoint>", webhook),
    path("pictures/", include("thumbnails.urls")),
    path("admin/", admin.site.urls),
    path("", include("workers.urls")),
]
