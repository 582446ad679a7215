"""What seven providers post when something became of a mail: as they document it, for one invitation."""

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.utils import timezone

from invitations.mail import name_of_mail
from invitations.models import Invitation

SECRET = "anymail:a secret of some length"
MAILGUN_KEY = "mailgun signs with it"
ESP_ID = "8f1f1b3e-64c1-4dd5-a3b1-1f2f6f0b5a11"

SETTINGS = {
    "WEBHOOK_SECRET": [SECRET],
    "MAILGUN_WEBHOOK_SIGNING_KEY": MAILGUN_KEY,
}


@dataclass
class Post:
    """One request of a provider; ``reason`` is what it says of a bounce."""

    path: str
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, client: Any, secret: str | None = SECRET) -> Any:
        headers = dict(self.headers)
        if secret is not None:
            headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
        return client.post(self.path, json.dumps(self.body), content_type="application/json", headers=headers)


KINDS = ["delivered", "hard", "soft", "complained"]
REASON = "550 5.1.1 user unknown"


def metadata(invitation: Invitation) -> dict[str, str]:
    return {"invitation": str(invitation.pk), "mail": name_of_mail(invitation)}


def postmark(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    now = timezone.now().isoformat()
    common = {"MessageID": ESP_ID, "Metadata": metadata(invitation), "ServerID": 23, "MessageStream": "outbound"}
    if kind == "delivered":
        own: dict[str, Any] = {"RecordType": "Delivery", "Recipient": invitation.email, "DeliveredAt": now}
    else:
        types = {"hard": "HardBounce", "soft": "SoftBounce", "complained": "SpamComplaint"}
        record = "SpamComplaint" if kind == "complained" else "Bounce"
        own = {"RecordType": record, "Type": types[kind], "ID": 692560173, "Email": invitation.email,
               "BouncedAt": now, "Details": reason, "Inactive": kind == "hard"}  # fmt: skip
    return Post("/anymail/postmark/tracking/", common | own)


def resend(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    types = {"delivered": "email.delivered", "complained": "email.complained"}
    data: dict[str, Any] = {
        "email_id": ESP_ID,
        "to": [invitation.email],
        "headers": [{"name": "X-Metadata", "value": json.dumps(metadata(invitation))}],
    }
    if kind in {"hard", "soft"}:
        message = f"The recipient's email provider sent a bounce message: {reason}"
        data["bounce"] = {"message": message, "type": "Permanent" if kind == "hard" else "Transient"}
    body = {"type": types.get(kind, "email.bounced"), "created_at": timezone.now().isoformat(), "data": data}
    return Post("/anymail/resend/tracking/", body, {"svix-id": f"msg_{uuid4().hex}"})


def sendgrid(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    events = {"delivered": "delivered", "complained": "spamreport"}
    event = {
        "email": invitation.email,
        "timestamp": int(timezone.now().timestamp()),
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "anymail_id": ESP_ID,
        "event": events.get(kind, "bounce"),
        "sg_event_id": uuid4().hex,
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001",
        **metadata(invitation),
    }
    if kind in {"hard", "soft"}:
        event |= {"reason": reason, "status": "5.1.1", "type": "bounce" if kind == "hard" else "blocked"}
    return Post("/anymail/sendgrid/tracking/", [event])


def mailgun(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    now, token = str(int(timezone.now().timestamp())), uuid4().hex
    signature = hmac.new(MAILGUN_KEY.encode(), f"{now}{token}".encode(), hashlib.sha256).hexdigest()
    events = {"delivered": "delivered", "complained": "complained"}
    data: dict[str, Any] = {
        "event": events.get(kind, "failed"),
        "timestamp": float(now),
        "id": "CPgfbmQMTCKtHW6uIWtuVe",
        "recipient": invitation.email,
        "message": {"headers": {"message-id": f"{ESP_ID}@example.com", "to": invitation.email}},
        "user-variables": metadata(invitation),
    }
    if kind in {"hard", "soft"}:
        data |= {"severity": "permanent", "reason": "bounce" if kind == "hard" else "generic"}
        data["delivery-status"] = {"code": 550, "message": reason, "description": ""}
    body = {"signature": {"timestamp": now, "token": token, "signature": signature}, "event-data": data}
    return Post("/anymail/mailgun/tracking/", body)


def brevo(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    events = {"delivered": "delivered", "hard": "hard_bounce", "soft": "soft_bounce", "complained": "spam"}
    body = {
        "event": events[kind],
        "email": invitation.email,
        "id": 26224,
        "ts_epoch": int(timezone.now().timestamp() * 1000),
        "message-id": f"<{ESP_ID}@relay.example.com>",
        "X-Mailin-custom": json.dumps(metadata(invitation)),
        "reason": reason if kind in {"hard", "soft"} else None,
    }
    return Post("/anymail/brevo/tracking/", body)


def mailjet(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    events = {"delivered": "sent", "complained": "spam"}
    event: dict[str, Any] = {
        "event": events.get(kind, "bounce"),
        "time": int(timezone.now().timestamp()),
        "MessageID": 19421777835146490,
        "email": invitation.email,
        "Payload": json.dumps(metadata(invitation)),
    }
    if kind in {"hard", "soft"}:
        event |= {"error_related_to": "recipient", "error": "user unknown", "hard_bounce": kind == "hard"}
        event["smtp_reply"] = reason
    return Post("/anymail/mailjet/tracking/", [event])


def amazon_ses(invitation: Invitation, kind: str, reason: str = REASON) -> Post:
    types = {"delivered": "Delivery", "complained": "Complaint"}
    headers = [{"name": "X-Metadata", "value": json.dumps(metadata(invitation))}]
    event: dict[str, Any] = {
        "eventType": types.get(kind, "Bounce"),
        "mail": {"messageId": ESP_ID, "destination": [invitation.email], "headers": headers},
        "delivery": {"recipients": [invitation.email], "smtpResponse": "250 OK"},
        "complaint": {"complainedRecipients": [{"emailAddress": invitation.email}]},
        "bounce": {
            "bounceType": "Permanent" if kind == "hard" else "Transient",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": invitation.email, "diagnosticCode": reason}],
        },
    }
    given = uuid4().hex
    now = timezone.now().isoformat()
    body = {"Type": "Notification", "MessageId": given, "Message": json.dumps(event), "Timestamp": now}
    told = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": given}
    return Post("/anymail/amazon_ses/tracking/", body, told)


PROVIDERS = [postmark, resend, sendgrid, mailgun, brevo, mailjet, amazon_ses]
