"""A site that is connected by the web server flow, with a refresh token."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.connecting import connect_by_person
from wagtail_salesforce.connection.authorize import connect_with_jwt


@pytest.fixture
def connected(db, org):
    """The connection, authorized by a person."""
    return connect_by_person(org)


@pytest.fixture(scope="session")
def key_pair():
    """An RSA key and its public half, in PEM form."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private.decode(), public.decode()


@pytest.fixture
def jwt_connected(db, org, key_pair):
    """The connection, authorized by JWT bearer."""
    private, public = key_pair
    org.options(jwt_public_key=public)
    return connect_with_jwt(org.url, org.CLIENT_ID, org.USERNAME, private)
