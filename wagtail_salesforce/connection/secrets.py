"""Encryption of tokens, secrets and private keys at rest."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings as django_settings
from django.db import models

from wagtail_salesforce.conf import conf


class UnreadableSecret(str):
    """Stands for a stored secret that the present keys cannot decrypt. It is always empty.

    It remembers what is stored, so that saving the row does not destroy a secret that a key
    put back later can still open.
    """

    stored: str

    def __new__(cls, stored: str = "") -> UnreadableSecret:
        secret = super().__new__(cls, "")
        secret.stored = stored
        return secret

    def __reduce__(self) -> tuple[Any, ...]:
        return (UnreadableSecret, (self.stored,))


def keyring() -> MultiFernet:
    """The keys in force, newest first: the setting's, else derived from SECRET_KEY.

    The newest encrypts, all decrypt. Everything is encrypted anew whenever tokens are stored,
    so a former key can go once the connection has been renewed or saved.
    """
    given = [key.encode() for key in conf().ENCRYPTION_KEYS]
    secrets = [django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(key) for key in given or map(_derived_key, secrets)])


def _derived_key(secret: str | bytes) -> bytes:
    given = secret if isinstance(secret, bytes) else secret.encode()
    digest = hashlib.blake2b(given, digest_size=32, person=b"wagtail-sf-key").digest()
    return base64.urlsafe_b64encode(digest)


def encrypt(text: str) -> str:
    """Encrypt with the newest key; an empty text stays empty."""
    return keyring().encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """Decrypt with any key in force; a wrong key gives an `UnreadableSecret`, never ciphertext."""
    if not stored:
        return ""
    try:
        return keyring().decrypt(stored.encode()).decode()
    except InvalidToken:
        return UnreadableSecret(stored)


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database and plain in Python."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str:
        return decrypt(value or "")

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, UnreadableSecret):
            return value.stored
        return encrypt(str(value or ""))
