"""E-mail addresses: which are valid, and which mean the same person."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.contacts.values import clean_text


def email_key(email: str) -> str | None:
    """The form of an e-mail address that decides who is who, or None when there is none.

    Case is folded and an international domain is written in ASCII, so that databases that
    compare without regard to accents do not take two people for one.
    """
    local, at, domain = email.strip().casefold().rpartition("@")
    if not domain.isascii():
        domain = _ascii_domain(domain)
    return f"{local}{at}{domain}"[: FIELDS["email"].max_length] or None


def valid_email(email: str) -> str:
    """The address without space around it; ValueError when it is not one.

    The sentence of the error does not repeat the address.
    """
    email = clean_text(email)
    try:
        validate_email(email)
    except ValidationError:
        raise ValueError(_("The e-mail address is not valid.")) from None
    if len(email) > (FIELDS["email"].max_length or 0):
        raise ValueError(_("The e-mail address is too long."))
    return email


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
