"""What a transactional job leaves behind."""

from django.db import models


class Effect(models.Model):
    """Deliberately without a unique constraint, so that an effect that happened twice shows."""

    key = models.CharField(max_length=64)
    nonce = models.CharField(max_length=16)

    def __str__(self) -> str:
        return self.key
