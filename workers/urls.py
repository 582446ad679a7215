"""``path("", include("workers.urls"))`` in the project's URLs."""

from django.urls import path

from workers.metrics import metrics

urlpatterns = [path("metrics", metrics, name="workers-metrics")]
