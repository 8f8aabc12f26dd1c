"""The private key in a file that the Django settings name, for keys that a server keeps itself."""

from __future__ import annotations

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.private_key import MOST_BYTES, usable_key


def read_private_key_file(path: str) -> str:
    """The usable key in the file.

    Raises AuthorizationFailed: "private_key_file" when the file cannot be read, and
    "invalid_private_key" when something else is in it.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        text = gettext("The private key file %(path)s cannot be read.") % {"path": path}
        raise AuthorizationFailed(text, code="private_key_file") from None
    return _usable(content, path)


def _usable(content: bytes, path: str) -> str:
    try:
        return usable_key(content)
    except AuthorizationFailed as refusal:
        words = gettext("The file %(path)s, which JWT_PRIVATE_KEY_FILE names: %(trouble)s")
        text = words % {"path": path, "trouble": refusal.message}
        raise AuthorizationFailed(text, code=refusal.code, cure=refusal.cure) from None
