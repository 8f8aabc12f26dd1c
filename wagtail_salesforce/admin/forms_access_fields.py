"""The parts that the form of the organization access is made of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.conf import conf
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.private_key import MOST_BYTES, usable_key


#: What asks for the address to log in at.
HOST_FIELDS = ("environment", "my_domain", "practice_url")


class SecretTextarea(forms.Textarea):
    """A text area that, like a password field, never shows what it was given."""

    def format_value(self, value: Any) -> str:
        return ""


class KeyFileField(forms.FileField):
    """A private key in a file; gives the key as text. Nothing of the file is kept."""

    widget = forms.FileInput(attrs={"accept": ".pem,.key,.txt"})

    def clean(self, data: Any, initial: Any = None) -> str:
        file = super().clean(data, initial)
        if not file:
            return ""
        try:
            # One byte more than the most, so that a larger file is refused without reading it.
            return usable_key(file.read(MOST_BYTES + 1))
        except AuthorizationFailed as error:
            raise forms.ValidationError(in_words(error)) from None


def host_choices() -> list[tuple[str, str]]:
    """The kinds of organization; practice orgs where the Django settings permit them."""
    return [
        ("production", _("Production or Developer Edition (login.salesforce.com)")),
        ("sandbox", _("Sandbox (test.salesforce.com)")),
        ("my-domain", _("My Domain")),
        *([("practice", _("Practice organization"))] if conf().ALLOW_LOOPBACK_ORG else []),
    ]


def host_initial(login_url: str, hosts: dict[str, str]) -> dict[str, str]:
    """How the form says a stored login address."""
    for kind, url in hosts.items():
        if login_url == url:
            return {"environment": kind}
    if login_url.startswith("http://"):
        return {"environment": "practice", "practice_url": login_url}
    return {"environment": "my-domain", "my_domain": login_url.removeprefix("https://")}
