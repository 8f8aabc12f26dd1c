"""A private key in every shape is taken, and everything else refused with its cure."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.private_keys import keys
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.private_key import MOST_BYTES, usable_key


SHAPES = {
    "as it is": lambda: keys().private,
    "as a file": lambda: keys().private.encode(),
    "traditional": lambda: keys().traditional,
    "Windows": lambda: keys().private.replace("\n", "\r\n").encode("utf-8-sig"),
    "with its certificate": lambda: keys().certificate + keys().private,
    "in one line": lambda: " ".join(keys().private.splitlines()),
    "in an environment variable": lambda: keys().private.replace("\n", "\\n"),
    "with remarks": lambda: f"Bag Attributes\n  localKeyID: 01\n{keys().private}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_key_in_any_shape_is_put_right(shape):
    key = usable_key(SHAPES[shape]())
    expected = load_pem_private_key(keys().private.encode(), None).private_numbers()
    assert load_pem_private_key(key.encode(), None).private_numbers() == expected
    assert key.endswith("-----\n") and "CERTIFICATE" not in key


REFUSED = {
    "encrypted": (lambda: keys().encrypted, "protected by a password", "openssl pkey -in"),
    "encrypted, traditional": (
        lambda: keys().traditional.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\n", 1),
        "protected by a password",
        "openssl pkey -in",
    ),
    "certificate": (lambda: keys().certificate, "is a certificate", "External Client App"),
    "public": (lambda: keys().public, "public key", "private key that belongs"),
    "request": (lambda: keys().request, "certificate request", "request was made with"),
    "openssh": (lambda: keys().openssh, "key for SSH", "openssl req -x509"),
    "ssh, public": (lambda: "ssh-rsa AAAAB3 ada@example", "key for SSH", "openssl req -x509"),
    "elliptic": (lambda: keys().elliptic, "not an RSA key", "openssl req -x509"),
    "der": (lambda: keys().der, "no plain text", "openssl pkcs12"),
    "binary": (lambda: b"\0\1\2", "no plain text", "openssl pkcs12"),
    "cut off": (lambda: keys().private[:-40], "cut off", "END"),
    "damaged": (
        lambda: keys().private.replace(keys().private[200:240], "A" * 40),
        "damaged",
        "upload it instead",
    ),
    "too large": (lambda: "x" * (MOST_BYTES + 1), "too large", "PEM form"),
    "empty": (lambda: "", "not a private key", "BEGIN PRIVATE KEY"),
    "a letter": (lambda: "Dear colleague, the key is é", "not a private key", "BEGIN PRIVATE KEY"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_everything_else_is_named_with_its_cure(kind):
    given, text, cure = REFUSED[kind]
    with pytest.raises(AuthorizationFailed) as refusal:
        usable_key(given())
    assert refusal.value.code == "invalid_private_key"
    assert text in refusal.value.message and cure in refusal.value.cure
    assert keys().private[100:140] not in str(refusal.value) + refusal.value.cure
