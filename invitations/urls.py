from django.urls import path, register_converter

from invitations import accept_views, outbox_views, unsubscribing, views
from invitations.batches import views as batches
from invitations.hidden_tokens import TokenConverter

register_converter(TokenConverter, "token")

app_name = "invitations"
urlpatterns = [
    path("", views.invitation_list, name="list"),
    path("outbox/", outbox_views.mail_list, name="outbox"),
    path("outbox/<str:name>/<int:number>/", outbox_views.mail_detail, name="outbox_mail"),
    path("batch/", batches.prepare, name="batch_new"),
    path("batch/<uuid:pk>/", batches.show, name="batch"),
    path("batch/<uuid:pk>/send/", batches.send, name="batch_send"),
    path("<uuid:pk>/send-again/", views.act, {"action": "send_again"}, name="send_again"),
    path("<uuid:pk>/send-elsewhere/", views.act, {"action": "send_elsewhere"}, name="send_elsewhere"),
    path("<uuid:pk>/cancel/", views.act, {"action": "cancel"}, name="cancel"),
    path("<uuid:pk>/revoke/", views.act, {"action": "revoke"}, name="revoke"),
    path("unsubscribe/<str:signed>/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("accept/", accept_views.accept, name="accept_opened"),
    path("<uuid:pk>/<token:token>/", accept_views.open_link, name="accept"),
]
