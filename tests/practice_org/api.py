"""A bare client for the tests of the practice org: no library of ours stands between."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from wagtail_salesforce.practice_org.control import CLIENT_ID, CLIENT_SECRET, PracticeOrg


CALLBACK = "http://127.0.0.1:9/callback/"
VERIFIER = "v" * 64
VERSION = "66.0"
KEY = "Web_Contact_ID__c"
COLLECTION = f"/composite/sobjects/Lead/{KEY}"
OFF = {"Sforce-Auto-Assign": "FALSE"}


def challenge(verifier: str = VERIFIER) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class OAuth:
    """The OAuth endpoints as an app calls them."""

    def __init__(self, org: PracticeOrg) -> None:
        self.org = org
        self.http = requests.Session()

    def authorize_url(self, **changes: str | None) -> str:
        """An authorize URL; a parameter set to None is left out."""
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "scope": "id api refresh_token",
            "state": "abc/=",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            **changes,
        }
        given = {name: value for name, value in query.items() if value is not None}
        return f"{self.org.url}/services/oauth2/authorize?{urlencode(given)}"

    def code(self, **changes: str | None) -> str:
        """An authorization code, got as a person would."""
        return answer_of(self.org.authorize(self.authorize_url(**changes)))["code"]

    def token(self, grant_type: str, **form: str) -> requests.Response:
        """A request to the token endpoint."""
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        data = {"grant_type": grant_type, **client, **form}
        return self.http.post(f"{self.org.url}/services/oauth2/token", data=data)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        """A code exchanged for tokens."""
        form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **changes}
        return self.token("authorization_code", **form)

    def log_in(self) -> dict[str, str]:
        """The tokens of a fresh authorization by a person."""
        answer: dict[str, str] = self.exchange(self.code()).json()
        return answer

    def refresh(self, refresh_token: str) -> requests.Response:
        """A refresh."""
        return self.token("refresh_token", refresh_token=refresh_token)

    def with_token(self, path: str, token: str | None) -> requests.Response:
        """A GET with this access token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.get(self.org.url + path, headers=headers)


def answer_of(location: str) -> dict[str, str]:
    """The parameters of a redirect."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


class Api:
    """The REST API with a good token."""

    def __init__(self, org: PracticeOrg) -> None:
        self.org = org
        self.http = requests.Session()
        token = org.client_credentials_token()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.root = f"/services/data/v{VERSION}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call to a path under the version."""
        return self.http.request(method, f"{self.org.url}{self.root}{path}", **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.call("POST", path, json=body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.call("PATCH", path, json=body, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.call("DELETE", path, **options)

    def query(self, soql: str, resource: str = "query", **options: Any) -> requests.Response:
        return self.get(f"/{resource}", params={"q": soql}, **options)

    def upsert(
        self, *records: dict[str, Any], headers: Any = None, **envelope: Any
    ) -> list[dict[str, Any]]:
        """Rows upserted by Collections; the answer must be 200."""
        response = self.upsert_call(*records, headers=headers, **envelope)
        assert response.status_code == 200, response.text
        rows: list[dict[str, Any]] = response.json()
        return rows

    def upsert_call(
        self, *records: dict[str, Any], headers: Any = None, **envelope: Any
    ) -> requests.Response:
        """The same, whatever the answer."""
        body = {**envelope, "records": list(records)}
        return self.patch(COLLECTION, body, headers=headers)

    def create(self, **fields: Any) -> str:
        """One lead, by its id."""
        response = self.post("/sobjects/Lead", {"LastName": "Doe", "Company": "Acme", **fields})
        assert response.status_code == 201, response.text
        lead_id: str = response.json()["id"]
        return lead_id

    def read(self, lead_id: str) -> dict[str, Any]:
        """One lead as REST shows it."""
        response = self.get(f"/sobjects/Lead/{lead_id}")
        assert response.status_code == 200, response.text
        lead: dict[str, Any] = response.json()
        return lead


def lead(key: Any, **fields: Any) -> dict[str, Any]:
    """A good row for an upsert."""
    return {
        "attributes": {"type": "Lead"},
        KEY: key,
        "LastName": "Doe",
        "Company": "Acme",
        **fields,
    }


def error(response: requests.Response) -> dict[str, Any]:
    """The one error of a refused request."""
    body = response.json()
    assert isinstance(body, list) and len(body) == 1, body
    only: dict[str, Any] = body[0]
    return only


def row_error(row: dict[str, Any]) -> dict[str, Any]:
    """The one error of a refused row."""
    assert set(row) == {"success", "errors"}, row
    assert row["success"] is False
    [only] = row["errors"]
    result: dict[str, Any] = only
    return result
