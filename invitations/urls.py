from django.urls import path

from invitations import outbox_views, views

app_name = "invitations"
urlpatterns = [
    path("", views.invitation_list, name="list"),
    path("outbox/", outbox_views.mail_list, name="outbox"),
    path("outbox/<str:name>/<int:number>/", outbox_views.mail_detail, name="outbox_mail"),
    path("<uuid:pk>/send-again/", views.send_again, name="send_again"),
    path("<uuid:pk>/<str:token>/", views.accept, name="accept"),
]
