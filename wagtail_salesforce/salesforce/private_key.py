"""The private key of the JWT bearer flow: what people give for one, and what is wrong with it.

Salesforce help, "OAuth 2.0 JWT Bearer Flow": the assertion is signed with RSA SHA256, and the
app holds the certificate that belongs to the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.exceptions import AuthorizationFailed


#: Far more than any RSA key with its certificate needs.
MOST_BYTES = 32 * 1024

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY")

Words = tuple[str | Promise, str | Promise]

_TOO_LARGE = (
    _("That is too large to be a private key."),
    _("Give the file with the private key alone, in PEM form."),
)
_BINARY = (
    _("That is not a key in PEM form: it is no plain text."),
    _(
        "Turn a .p12 or .pfx file into a key with: openssl pkcs12 -in file.p12 -nocerts -noenc. "
        "Turn a .der file into one with: openssl pkey -inform DER -in file.der."
    ),
)
_NO_KEY = (
    _("That is not a private key in PEM form."),
    _("Give everything from “-----BEGIN PRIVATE KEY-----” to the line with END."),
)
_CUT_OFF = (
    _("The private key is cut off: its last line is missing."),
    _("Give everything from “-----BEGIN PRIVATE KEY-----” to the line with END."),
)
_ENCRYPTED = (
    _("The private key is protected by a password."),
    _("Remove the password with: openssl pkey -in key.pem -out plain.pem. Then give that file."),
)
_CERTIFICATE = (
    _("That is a certificate, not the private key."),
    _("The certificate belongs in the External Client App; give its private key here."),
)
_PUBLIC = (
    _("That is a public key, not the private key."),
    _("Give the private key that belongs to the certificate of the External Client App."),
)
_REQUEST = (
    _("That is a certificate request, not the private key."),
    _("Give the private key that the request was made with."),
)
_SSH = (
    _("That is a key for SSH."),
    _(
        "Make a key and its certificate with: openssl req -x509 -newkey rsa:2048 -noenc "
        "-days 730 -keyout salesforce.key -out salesforce.crt"
    ),
)
_NOT_RSA = (
    _("That is not an RSA key, and Salesforce takes no other."),
    _SSH[1],
)
_DAMAGED = (
    _("The private key is damaged and cannot be read."),
    _("Copy the whole file again, or upload it instead of pasting it."),
)

# What a text that holds no usable key is instead: the first that fits counts.
_INSTEAD: list[tuple[Callable[[str], bool], Words]] = [
    (lambda text: "ENCRYPTED" in text, _ENCRYPTED),
    (lambda text: "OPENSSH PRIVATE KEY" in text or "PuTTY-User-Key" in text, _SSH),
    (lambda text: text.startswith("ssh-"), _SSH),
    (lambda text: "BEGIN EC PRIVATE KEY" in text or "BEGIN DSA PRIVATE" in text, _NOT_RSA),
    (lambda text: "BEGIN PRIVATE KEY" in text or "BEGIN RSA PRIVATE KEY" in text, _CUT_OFF),
    (lambda text: "CERTIFICATE REQUEST" in text, _REQUEST),
    (lambda text: "BEGIN CERTIFICATE" in text, _CERTIFICATE),
    (lambda text: "PUBLIC KEY" in text, _PUBLIC),
]


def usable_key(given: str | bytes) -> str:
    """The RSA key in a text or a file, in PEM form with its lines put right.

    A certificate beside the key is left out; line breaks that were lost on the way through an
    environment variable are put back. Raises AuthorizationFailed("invalid_private_key") with what
    it is instead and the cure; the text itself is never repeated.
    """
    text = _as_text(given)
    block = next((found for found in _BLOCK.finditer(text) if found[1] in _LABELS), None)
    if block is None or "ENCRYPTED" in block[2]:
        raise _refusal(next((words for fits, words in _INSTEAD if fits(text)), _NO_KEY))
    key = _with_lines(block[1], block[2])
    _check_rsa(key)
    return key


def _as_text(given: str | bytes) -> str:
    if len(given) > MOST_BYTES:
        raise _refusal(_TOO_LARGE)
    try:
        text = given.decode("utf-8-sig") if isinstance(given, bytes) else given
    except UnicodeDecodeError:
        raise _refusal(_BINARY) from None
    if "\0" in text:
        raise _refusal(_BINARY)
    return text.strip()


def _with_lines(label: str, body: str) -> str:
    body = re.sub(r"\\n|\\r|\s", "", body)
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _check_rsa(key: str) -> None:
    try:
        loaded = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _refusal(_DAMAGED) from None
    if not isinstance(loaded, RSAPrivateKey):
        raise _refusal(_NOT_RSA)


def _refusal(words: Words) -> AuthorizationFailed:
    text, cure = words
    return AuthorizationFailed(text, code="invalid_private_key", cure=cure)
