from django.urls import path

from thumbnails import views

app_name = "thumbnails"
urlpatterns = [
    path("", views.picture_list, name="list"),
    path("<uuid:pk>/", views.picture, name="picture"),
    path("<uuid:pk>/original", views.original, name="original"),
    path("<uuid:pk>/<slug:name>.<slug:format>", views.rendition, name="rendition"),
    path("<uuid:pk>/retry", views.retry, name="retry"),
    path("<uuid:pk>/delete", views.delete, name="delete"),
]
