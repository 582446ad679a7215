from django.apps import AppConfig


class ThumbnailsConfig(AppConfig):
    name = "thumbnails"
    verbose_name = "Pictures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from thumbnails import checks, files, live  # noqa: F401
        from workers.live import register

        for source in live.SOURCES:
            register(source)
