"""Authorize an organization without a browser."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from wagtail_salesforce.connection.authorize import (
    connect_with_client_credentials,
    connect_with_jwt,
)
from wagtail_salesforce.connection.credentials import settings_in_force
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input


SECRET_VARIABLE = "WAGTAIL_SALESFORCE_CLIENT_SECRET"  # noqa: S105 - a name, not a secret

CLIENT_CREDENTIALS = Connection.Flow.CLIENT_CREDENTIALS.value
JWT_BEARER = Connection.Flow.JWT_BEARER.value


class Command(ContractCommand):
    help = (
        "Authorize a Salesforce organization by client credentials or by JWT bearer. The consumer "
        f"secret is read from the environment variable {SECRET_VARIABLE} or asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--login-url", help="Such as https://example.my.salesforce.com.")
        parser.add_argument("--client-id", help="The consumer key of the app.")
        parser.add_argument("--flow", required=True, choices=[CLIENT_CREDENTIALS, JWT_BEARER])
        parser.add_argument("--username", help="The Salesforce user, for jwt-bearer.")
        parser.add_argument("--private-key", metavar="FILE", help="In PEM form, for jwt-bearer.")

    def act(self, **options: Any) -> Document:
        login_url = _chosen("login_url", options)
        client_id = _chosen("client_id", options)
        if options["flow"] == JWT_BEARER:
            row = connect_with_jwt(login_url, client_id, *_jwt_options(options))
        else:
            _refuse_jwt_options(options)
            row = connect_with_client_credentials(login_url, client_id, _secret())
        return {
            "state": "finished",
            "reason": None,
            "org": row.org_name,
            "org_id": row.org_id,
            "user": row.user_name,
        }

    def summary(self, document: Document) -> str:
        return "Connected to {org} ({org_id}) as {user}.".format_map(document)


def _chosen(name: str, options: dict[str, Any]) -> str:
    """The option, which may be left out when the Django settings give it, but not differ."""
    option, given = options[name], settings_in_force().get(name)
    flag = f"--{name.replace('_', '-')}"
    if option and given and option != given:
        raise wrong_input(
            f"{flag} differs from WAGTAIL_SALESFORCE[{name.upper()!r}] in the Django settings, "
            f"which comes first. Leave {flag} out, or change the settings."
        )
    if not option and not given:
        raise wrong_input(f"{flag} is needed, or {name.upper()} in WAGTAIL_SALESFORCE.")
    return str(option or given)


def _jwt_options(options: dict[str, Any]) -> tuple[str, str]:
    if not options["username"] or not options["private_key"]:
        raise wrong_input("--flow jwt-bearer needs --username and --private-key.")
    try:
        key = Path(options["private_key"]).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise wrong_input(
            f"The private key file {options['private_key']} cannot be read. Give a PEM file."
        ) from None
    return options["username"], key


def _refuse_jwt_options(options: dict[str, Any]) -> None:
    if options["username"] or options["private_key"]:
        raise wrong_input("--username and --private-key belong to --flow jwt-bearer.")


def _secret() -> str:
    given = settings_in_force().get("client_secret") or os.environ.get(SECRET_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise wrong_input(f"Put the consumer secret into the variable {SECRET_VARIABLE}.")
    typed = getpass.getpass("Consumer secret: ")
    if not typed:
        raise wrong_input("The consumer secret is needed.")
    return typed
