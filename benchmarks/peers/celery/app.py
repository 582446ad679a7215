from celery import Celery

app = Celery("bench", include=["benchmarks.peers.celery.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
