"""Which addresses may be spoken to: an address that is not Salesforce's never gets a token."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import AuthorizationFailed


#: Salesforce help, "My Domain URL formats": logins and APIs of all kinds of orgs.
SALESFORCE_HOSTS = ("login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com")

# Only what this pattern takes is an address here. It has no place for user names, backslashes,
# blanks, percent signs or letters beyond ASCII, over which URL parsers disagree.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[/?#][\x21-\x5b\x5d-\x7e]*)?",
    re.ASCII | re.IGNORECASE,
)
# Former addresses by server: na139, eu12, cs42 (Salesforce help, "View Instance Information").
_SERVER = re.compile(r"(?:[a-z]{2,3}\d{1,4}s?)(?:\.my)?\.salesforce\.com", re.ASCII)
# Pages, files and sites of an organization.
_NO_LOGIN = (
    ".salesforce.com",
    ".force.com",
    ".salesforce-sites.com",
    ".salesforce-setup.com",
    ".site.com",
    ".visualforce.com",
    ".cloudforce.com",
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


class Address(NamedTuple):
    """The parts of an address that say who is spoken to. `port` is None when it is the usual."""

    scheme: str
    host: str
    port: int | None

    @property
    def netloc(self) -> str:
        """Host and port, as in `example.org:8443`."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, said in a way that nothing can make another machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def parse_address(url: str) -> Address | None:
    """Take an address apart; None when it is not plainly one."""
    found = _ADDRESS.fullmatch(url)
    if not found:
        return None
    scheme, host = found["scheme"].lower(), found["host"].lower()
    port = int(found["port"]) if found["port"] else None
    if port == (443 if scheme == "https" else 80):
        port = None
    if not _is_host(host) or (port is not None and not 0 < port < 65536):
        return None
    return Address(scheme, host, port)


def _is_host(host: str) -> bool:
    if host.startswith("["):
        try:
            return bool(ipaddress.IPv6Address(host.strip("[]")))
        except ValueError:
            return False
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))


@dataclass(frozen=True)
class HostRules:
    """Salesforce's hosts over https, those the site's settings add, and loopback if permitted.

    `allowed_hosts` holds names like `login.example.org`, `*.example.org` or `host:8443`.
    """

    allowed_hosts: tuple[str, ...] = ()
    allow_loopback: bool = False

    @classmethod
    def of(cls, allowed_hosts: Iterable[str], allow_loopback: bool) -> HostRules:
        return cls(tuple(host.lower() for host in allowed_hosts), allow_loopback)

    def permits(self, address: Address) -> bool:
        """Whether this address may be spoken to."""
        if address.is_loopback:
            return self.allow_loopback
        return address.scheme == "https" and self._is_listed(address)

    def _is_listed(self, address: Address) -> bool:
        return any(
            _fits(address.netloc, pattern) for pattern in (*SALESFORCE_HOSTS, *self.allowed_hosts)
        )

    def check(self, url: str) -> Address:
        """Return the address of a permitted URL.

        Raises AuthorizationFailed("host_not_allowed") for any other, naming it and the cure.
        """
        address = parse_address(url)
        if address is None:
            raise _not_an_address(url)
        if not self.permits(address):
            raise not_allowed(address)
        return address

    def check_bare(self, url: str) -> Address:
        """The same for an address with nothing behind the host, but perhaps a slash."""
        found = _ADDRESS.fullmatch(url)
        if found and (found["rest"] or "/") != "/":
            raise _not_an_address(url)
        return self.check(url)


def _fits(netloc: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return netloc.endswith(pattern[1:])
    return netloc == pattern


def _not_an_address(url: str) -> AuthorizationFailed:
    if not url:
        return _refusal(
            gettext("There is no login address."),
            gettext("Enter one, such as https://login.salesforce.com."),
        )
    # The text may hold a user name and a password, so it is not repeated.
    return _refusal(
        gettext("That is not an address that can be used."),
        gettext("Write it like https://login.salesforce.com: https, the host, and nothing else."),
    )


def not_allowed(address: Address) -> AuthorizationFailed:
    """The refusal of an address, with the cure for what it seems to be."""
    if address.scheme == "http":
        return _refusal(
            gettext("The address %(address)s is not safe.") % {"address": address.origin},
            gettext(
                "Use https. (Plain http is only for a practice org on this machine, when "
                "ALLOW_LOOPBACK_ORG permits it.)"
            ),
        )
    return _refusal(_what_it_is(address.host) % {"host": address.netloc}, _where_to_look())


def _what_it_is(host: str) -> str:
    if _SERVER.fullmatch(host):
        return gettext("%(host)s is the address of a Salesforce server, which may change.")
    if host.endswith(_NO_LOGIN):
        return gettext("%(host)s belongs to Salesforce, but nobody logs in there.")
    return gettext("The host %(host)s is not one of Salesforce's.")


def _where_to_look() -> str:
    return gettext(
        "Use login.salesforce.com, test.salesforce.com or your My Domain ending in "
        ".my.salesforce.com: it stands in Salesforce under Setup, My Domain, as Current My "
        "Domain URL. Any other host has to be added to ALLOWED_HOSTS in the Django settings."
    )


def _refusal(text: str, cure: str) -> AuthorizationFailed:
    return AuthorizationFailed(text, code="host_not_allowed", cure=cure)
