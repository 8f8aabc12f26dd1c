"""Authorize an organization without a browser."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.connection.authorize import (
    connect_with_client_credentials,
    connect_with_jwt,
)
from wagtail_salesforce.connection.credentials import SETTINGS, credentials, settings_in_force
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input
from wagtail_salesforce.salesforce.private_key import MOST_BYTES, usable_key
from wagtail_salesforce.salesforce.typed_hosts import as_login_url


SECRET_VARIABLE = "WAGTAIL_SALESFORCE_CLIENT_SECRET"  # noqa: S105 - a name, not a secret

CLIENT_CREDENTIALS = Connection.Flow.CLIENT_CREDENTIALS.value
JWT_BEARER = Connection.Flow.JWT_BEARER.value


#: option: the field of the connection it fills
FIELDS = {
    "login_url": "login_url",
    "client_id": "client_id",
    "username": "jwt_username",
    "private_key": "jwt_private_key",
}


class Command(ContractCommand):
    help = (
        "Authorize a Salesforce organization by client credentials or by JWT bearer. The consumer "
        f"secret is read from the environment variable {SECRET_VARIABLE} or asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--login-url", help=_("Such as https://example.my.salesforce.com."))
        parser.add_argument("--client-id", help=_("The consumer key of the app."))
        parser.add_argument("--flow", required=True, choices=[CLIENT_CREDENTIALS, JWT_BEARER])
        parser.add_argument("--username", help=_("The Salesforce user, for jwt-bearer."))
        parser.add_argument("--private-key", metavar="FILE", help=_("In PEM form, for jwt-bearer."))

    def act(self, **options: Any) -> Document:
        app = as_login_url(_chosen("login_url", options)), _chosen("client_id", options)
        try:
            row = _connected(app, options)
        except AuthorizationFailed as failure:
            raise _naming_the_address(failure, app[0] or credentials().login_url) from None
        return {
            "state": "finished",
            "reason": None,
            "org": row.org_name,
            "org_id": row.org_id,
            "user": row.user_name,
        }

    def summary(self, document: Document) -> str:
        return _("Connected to %(org)s (%(org_id)s) as %(user)s.") % document


def _connected(app: tuple[str, str], options: dict[str, Any]) -> Connection:
    if options["flow"] == JWT_BEARER:
        return connect_with_jwt(*app, _chosen("username", options), _private_key(options))
    _refuse_jwt_options(options)
    return connect_with_client_credentials(*app, _secret())


def _naming_the_address(failure: AuthorizationFailed, login_url: str) -> AuthorizationFailed:
    """With what was tried: one word is taken for the name of a My Domain, which not all mean."""
    if failure.code != "org_unreachable":
        return failure
    words = _("No Salesforce organization answers at %(address)s.")
    return AuthorizationFailed(words % {"address": login_url}, code=failure.code)


def _chosen(name: str, options: dict[str, Any]) -> str:
    """The option; "" when it is left out because the Django settings give the value."""
    given = credentials().from_settings
    if not options[name]:
        if FIELDS[name] not in given:
            raise wrong_input(_missing(name, options["flow"]))
        return ""
    if FIELDS[name] in given and not _is_the_same(name, options[name]):
        words = _(
            "%(flag)s differs from %(key)s in WAGTAIL_SALESFORCE in the Django settings, which "
            "comes first. Leave %(flag)s out, or change the settings."
        )
        raise wrong_input(words % {"flag": _flag(name), "key": _keys(name)})
    return str(options[name])


def _is_the_same(name: str, option: str) -> bool:
    given = getattr(credentials(), FIELDS[name])
    return given == (as_login_url(option) if name == "login_url" else option)


def _missing(name: str, flow: str) -> str:
    words = _("--flow %(flow)s needs %(flag)s, or %(key)s in WAGTAIL_SALESFORCE.")
    return words % {"flow": flow, "flag": _flag(name), "key": _keys(name)}


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _keys(name: str) -> str:
    key = SETTINGS[FIELDS[name]]
    return (
        f"{key}_FILE"
        if name == "private_key" and not settings_in_force().get(FIELDS[name])
        else key
    )


def _private_key(options: dict[str, Any]) -> str:
    """The key in the file of the option; "" when the settings give one."""
    path = _chosen("private_key", options)
    if not path:
        return ""
    try:
        with open(path, "rb") as file:
            return usable_key(file.read(MOST_BYTES + 1))
    except (OSError, ValueError):
        words = _("The private key file %(path)s cannot be read. Give a PEM file.")
        raise wrong_input(words % {"path": path}) from None


def _refuse_jwt_options(options: dict[str, Any]) -> None:
    if options["username"] or options["private_key"]:
        raise wrong_input(_("--username and --private-key belong to --flow jwt-bearer."))


def _secret() -> str:
    if "client_secret" in credentials().from_settings:
        return ""
    if given := os.environ.get(SECRET_VARIABLE):
        return given
    if not sys.stdin.isatty():
        words = _("Put the consumer secret into the environment variable %(variable)s.")
        raise wrong_input(words % {"variable": SECRET_VARIABLE})
    typed = getpass.getpass(f"{_('Consumer secret:')} ")
    if not typed:
        raise wrong_input(_("The consumer secret is needed."))
    return typed
