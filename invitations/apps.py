from django.apps import AppConfig


class InvitationsConfig(AppConfig):
    name = "invitations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from invitations import checks, live, provider_checks, tracking  # noqa: F401
        from invitations.batches import live as batches_live
        from invitations.hidden_tokens import hide_in_access_logs
        from workers.live import register

        register(live.SOURCE)
        register(batches_live.SOURCE)
        hide_in_access_logs()
