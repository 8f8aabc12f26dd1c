"""Private keys, certificates and everything that is mistaken for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa


PKCS8, PEM = form.PrivateFormat.PKCS8, form.Encoding.PEM


@dataclass(frozen=True)
class Keys:
    """One RSA key in many shapes, and one of another kind."""

    private: str
    traditional: str
    encrypted: str
    openssh: str
    der: bytes
    public: str
    certificate: str
    request: str
    elliptic: str


@cache
def keys() -> Keys:
    """Made once, because making an RSA key takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def private(encoding=PEM, kind=PKCS8, secret=form.NoEncryption()):  # noqa: B008
        return key.private_bytes(encoding, kind, secret)

    public = key.public_key().public_bytes(PEM, form.PublicFormat.SubjectPublicKeyInfo)
    locked = private(secret=form.BestAvailableEncryption(b"word"))
    return Keys(
        private=private().decode(),
        traditional=private(kind=form.PrivateFormat.TraditionalOpenSSL).decode(),
        encrypted=locked.decode(),
        openssh=private(kind=form.PrivateFormat.OpenSSH).decode(),
        der=private(form.Encoding.DER),
        public=public.decode(),
        certificate=_certificate(key),
        request=_request(key),
        elliptic=_elliptic(),
    )


def _certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "website")])
    start, end = (
        datetime(2026, 1, 1, tzinfo=timezone.utc),
        datetime(2036, 1, 1, tzinfo=timezone.utc),
    )
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return builder.sign(key, hashes.SHA256()).public_bytes(PEM).decode()


def _request(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "website")])
    builder = x509.CertificateSigningRequestBuilder(name)
    return builder.sign(key, hashes.SHA256()).public_bytes(PEM).decode()


def _elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(PEM, PKCS8, form.NoEncryption()).decode()
