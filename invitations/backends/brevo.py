from typing import Any
from uuid import UUID

from anymail.backends import brevo


class EmailBackend(brevo.EmailBackend):
    # Brevo's pages say 15 minutes here and 30 there.
    KNOWN_AGAIN_FOR = 15 * 60

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        if key := getattr(message, "idempotency_key", ""):
            payload.data["headers"]["idempotencyKey"] = str(UUID(key))
        return payload

    def raise_for_status(self, response: Any, payload: Any, message: Any) -> None:
        """Resend repeats its first answer to a key that it knows; Brevo refuses it, and that says as much."""
        if "idempotencyKey" in payload.data["headers"] and is_known_again(response):
            # Without the id of the first answer: news of the mail carry the invitation's own.
            response.status_code, response._content = 202, b""
        super().raise_for_status(response, payload, message)


def is_known_again(response: Any) -> bool:
    """Whether Brevo has taken a mail with this key already."""
    try:
        told = response.json()
    except ValueError:
        return False
    return response.status_code == 400 and isinstance(told, dict) and told.get("code") == "duplicate_parameter"
