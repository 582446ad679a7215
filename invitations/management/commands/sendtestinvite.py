"""``manage.py sendtestinvite you@example.com``: proves that invitations can be sent as things are set up."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from invitations import delivery, mail, providers, suppressing
from invitations.delivery_errors import classify
from invitations.first_mail import FirstMail
from invitations.models import Invitation
from invitations.one_line import one_line


class Command(BaseCommand):
    help = "Send a test invitation through the configured mail server or provider, or say why that fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="To whom; its link leads nowhere.")

    def handle(self, *args: Any, **options: Any) -> None:
        note = "This is a test of this site: the link leads nowhere."
        invitation = Invitation(email=options["address"], sender=User(username="sendtestinvite"), note=note)
        handed_over = False
        try:
            suppressing.refuse(invitation.email)
            letter = FirstMail(invitation)
            message = mail.compose(invitation, letter.name)
            mailer = mail.default_mailer()
            providers.fit(message, invitation, letter.name, mailer)
            try:
                mailer.open()
                handed_over = True
                delivery.hand_over(mailer, message)
            finally:
                delivery.close_quietly(mailer)
        except Exception as error:
            sentence = classify(error, handed_over=handed_over, now=timezone.now()).sentence
            told = one_line(str(error))[:500]
            raise CommandError(f"{sentence}\n{settings.EMAIL_BACKEND} said: {told}") from error
        self.stdout.write(f"Handed over to {settings.EMAIL_BACKEND} as {delivery.id_given_to(message)}.")
        if folder := getattr(settings, "EMAIL_FILE_PATH", None):
            self.stdout.write(f"It is a file in {folder}, and reaches nobody: set EMAIL_PROVIDER or EMAIL_URL.")
