from typing import Any

from anymail.backends import resend


class EmailBackend(resend.EmailBackend):
    # What Resend promises: 24 hours.
    KNOWN_AGAIN_FOR = 24 * 3600

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        if key := getattr(message, "idempotency_key", ""):
            payload.headers["Idempotency-Key"] = key
        return payload
