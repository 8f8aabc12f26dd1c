"""The form of the organization access, as a person fills it in."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.private_keys import keys
from wagtail_salesforce.practice_org.control import PracticeOrg


PANEL = "/admin/salesforce/"
CALLBACK = f"{PANEL}callback/"


def typed(org: PracticeOrg, **changes: Any) -> dict[str, Any]:
    """What the form holds for a practice org."""
    return {
        "form": "access",
        "environment": "practice",
        "practice_url": org.url,
        "flow": "web-server",
        "client_id": org.CLIENT_ID,
        "client_secret": org.CLIENT_SECRET,
        **changes,
    }


def typed_for_jwt(org: PracticeOrg, **changes: Any) -> dict[str, Any]:
    """The same for JWT bearer, without the key."""
    return typed(
        org, flow="jwt-bearer", client_secret="", **{"jwt_username": org.USERNAME, **changes}
    )


def trusting(org: PracticeOrg) -> PracticeOrg:
    """The org, whose app holds the certificate of our key."""
    org.options(jwt_public_key=keys().certificate)
    return org


def key_file(content: str | bytes, name: str = "salesforce.key") -> SimpleUploadedFile:
    """A file to upload."""
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, data, "application/octet-stream")


def come_back(client: Any, org: PracticeOrg, response: Any, **person: Any) -> Any:
    """Log in and allow at the org that the answer leads to, and come back to the site."""
    assert response.status_code == 302, response.context["access"].form.errors
    assert response.url.startswith(f"{org.url}/services/oauth2/authorize?"), response.url
    query = dict(parse_qsl(urlsplit(org.authorize(response.url, **person)).query))
    return client.get(f"{CALLBACK}?{urlencode(query)}", follow=True)
