from django.urls import path

from thumbnails import choosing, direct_views, focusing, rendition_views, uploading, views

app_name = "thumbnails"
urlpatterns = [
    path("", views.picture_list, name="list"),
    path("upload", uploading.upload, name="upload"),
    path("chosen", choosing.chosen, name="chosen"),
    path("direct", direct_views.begin, name="direct"),
    path("<uuid:pk>/arrived", direct_views.arrived, name="arrived"),
    path("<uuid:pk>/", views.picture, name="picture"),
    path("<uuid:pk>/original", views.original, name="original"),
    path("<uuid:pk>/<slug:name>.<slug:format>", rendition_views.rendition, name="rendition"),
    path("<uuid:pk>/retry", views.act, {"action": "retry"}, name="retry"),
    path("<uuid:pk>/cancel", views.act, {"action": "cancel"}, name="cancel"),
    path("<uuid:pk>/delete", choosing.delete, name="delete"),
    path("<uuid:pk>/focal-point", focusing.focal_point, name="focal_point"),
]
