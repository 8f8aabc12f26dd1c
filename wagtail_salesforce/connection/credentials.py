"""The app's key, secret and login address: the Django settings come before the database."""

from __future__ import annotations

from dataclasses import dataclass, field

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.private_key_file import read_private_key_file
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.oauth import App
from wagtail_salesforce.salesforce.private_key import usable_key
from wagtail_salesforce.salesforce.typed_hosts import as_login_url


#: field of the Connection: key of the WAGTAIL_SALESFORCE settings
SETTINGS = {
    "login_url": "LOGIN_URL",
    "client_id": "CLIENT_ID",
    "client_secret": "CLIENT_SECRET",
    "jwt_username": "JWT_USERNAME",
    "jwt_private_key": "JWT_PRIVATE_KEY",
}


@dataclass(frozen=True)
class Credentials:
    """What the app is known by. `from_settings` names the fields that Django settings give.

    With `key_file` the private key lies in that file, and `jwt_private_key` says nothing.
    """

    login_url: str
    client_id: str
    client_secret: str = field(repr=False)
    jwt_username: str = ""
    jwt_private_key: str = field(default="", repr=False)
    key_file: str = ""
    from_settings: frozenset[str] = frozenset()

    def app(self, *, needs_secret: bool = True) -> App:
        """The app for OAuth requests.

        Raises AuthorizationFailed: "unreadable_secret", "missing_credentials" or
        "host_not_allowed".
        """
        if isinstance(self.client_secret, UnreadableSecret) and needs_secret:
            raise AuthorizationFailed(code="unreadable_secret")
        if not self.client_id or (needs_secret and not self.client_secret):
            raise AuthorizationFailed(code="missing_credentials")
        app = App(
            login_url=self.login_url,
            client_id=self.client_id,
            client_secret=self.client_secret,
            rules=host_rules(),
            ca_bundle=conf().CA_BUNDLE,
        )
        app.rules.check(app.login_url)
        return app

    def private_key(self) -> str:
        """The key of the JWT bearer flow in PEM form; a file is read now and at no other time.

        Raises AuthorizationFailed: "unreadable_secret", "private_key_file" or
        "invalid_private_key".
        """
        if self.key_file:
            return read_private_key_file(self.key_file)
        if isinstance(self.jwt_private_key, UnreadableSecret):
            raise AuthorizationFailed(code="unreadable_secret")
        return usable_key(self.jwt_private_key)


def credentials(connection: Connection | None = None) -> Credentials:
    """The credentials in force, and which of them come from the Django settings."""
    row = connection or Connection.load()
    given = settings_in_force()
    chosen = {name: given.get(name) or getattr(row, name) for name in SETTINGS}
    key_file = conf().JWT_PRIVATE_KEY_FILE or ""
    names = frozenset(given) | ({"jwt_private_key"} if key_file else set())
    return Credentials(**chosen, key_file=key_file, from_settings=names)


def settings_in_force() -> dict[str, str]:
    """The fields that the Django settings give, with their values; a key in a file is not read."""
    found = {name: getattr(conf(), key) for name, key in SETTINGS.items()}
    if found["login_url"]:
        found["login_url"] = as_login_url(found["login_url"])
    return {name: value for name, value in found.items() if value}


def host_rules() -> HostRules:
    """The hosts that may be spoken to, by the settings now in force."""
    return HostRules.of(conf().ALLOWED_HOSTS, conf().ALLOW_LOOPBACK_ORG)
