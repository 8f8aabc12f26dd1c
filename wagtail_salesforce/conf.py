"""The WAGTAIL_SALESFORCE settings: typed, with defaults, read lazily."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from django.conf import settings as django_settings


SETTING = "WAGTAIL_SALESFORCE"


@dataclass(frozen=True)
class Conf:
    """The values in force. Every key is optional; `None` or empty means "not set here"."""

    ALLOW_LOOPBACK_ORG: bool = False
    ALLOWED_HOSTS: list[str] = field(default_factory=list)
    API_VERSION: str = "66.0"
    ENCRYPTION_KEYS: list[str] = field(default_factory=list, repr=False)
    CLIENT_ID: str | None = None
    CLIENT_SECRET: str | None = field(default=None, repr=False)
    LOGIN_URL: str | None = None
    JWT_USERNAME: str | None = None
    JWT_PRIVATE_KEY: str | None = field(default=None, repr=False)
    JWT_PRIVATE_KEY_FILE: str | None = None
    CA_BUNDLE: str | None = None
    PARALLEL_WORKERS: int = 1
    CALLS_IN_FLIGHT: int = 2
    BULK_THRESHOLD: int | None = 10_000
    ALERT_EMAILS: list[str] = field(default_factory=list)
    COOKIE_CONSENT: str | None = None
    PAGE_VISITS: bool = False
    VERIFIED_USERS: str | None = None


KINDS: dict[str, tuple[type, str, bool]] = {
    # key: (type, the words for it, may it be None)
    "ALLOW_LOOPBACK_ORG": (bool, "True or False", False),
    "ALLOWED_HOSTS": (list, "a list of host names", False),
    "API_VERSION": (str, 'a version such as "66.0"', False),
    "ENCRYPTION_KEYS": (list, "a list of Fernet keys", False),
    "CLIENT_ID": (str, "the consumer key, as text", True),
    "CLIENT_SECRET": (str, "the consumer secret, as text", True),
    "LOGIN_URL": (str, 'an address such as "https://login.salesforce.com"', True),
    "JWT_USERNAME": (str, "the Salesforce user name, as text", True),
    "JWT_PRIVATE_KEY": (str, "a private key in PEM form, as text", True),
    "JWT_PRIVATE_KEY_FILE": (str, "the path of a file with a private key, as text", True),
    "CA_BUNDLE": (str, "the path of a file with CA certificates", True),
    "PARALLEL_WORKERS": (int, "a whole number from 1 to 10", False),
    "CALLS_IN_FLIGHT": (int, "a whole number from 1 to 10", False),
    "BULK_THRESHOLD": (int, "a whole number, 0 or None for never", True),
    "ALERT_EMAILS": (list, "a list of e-mail addresses", False),
    "COOKIE_CONSENT": (str, "the dotted path of a function that takes a request", True),
    "PAGE_VISITS": (bool, "True or False", False),
    "VERIFIED_USERS": (str, "the dotted path of a function that takes a user", True),
}


def conf() -> Conf:
    """Read the settings now, so that a change (also one made by a test) is seen at once."""
    given = getattr(django_settings, SETTING, {})
    known = {item.name for item in fields(Conf)}
    return Conf(**{key: value for key, value in given.items() if key in known})


def problems() -> list[tuple[str, str]]:
    """Say what is wrong with the setting, as (key, sentence) pairs; empty when all is well."""
    given = getattr(django_settings, SETTING, {})
    if not isinstance(given, dict):
        return [(SETTING, f"{SETTING} must be a dictionary.")]
    found = [(key, _unknown(key)) for key in given if key not in KINDS]
    for key, (kind, words, nullable) in KINDS.items():
        if key in given and not _fits(given[key], kind, nullable):
            found.append((key, f"{SETTING}[{key!r}] must be {words}."))
    wrong = {key for key, _sentence in found}
    return found + _out_of_range({key: given[key] for key in given if key not in wrong})


def _unknown(key: Any) -> str:
    return f"{SETTING} has no key {key!r}. The keys are {', '.join(KINDS)}."


def _fits(value: Any, kind: type, nullable: bool) -> bool:
    if value is None:
        return nullable
    if kind is int and isinstance(value, bool):
        return False
    if kind is list:
        return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
    return isinstance(value, kind)


def _out_of_range(given: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    major, dot, minor = given.get("API_VERSION", Conf.API_VERSION).partition(".")
    if not (major.isdigit() and dot and minor == "0" and int(major) >= 46):
        found.append(("API_VERSION", f'{SETTING}["API_VERSION"] must be "46.0" or newer.'))
    if given.get("JWT_PRIVATE_KEY") and given.get("JWT_PRIVATE_KEY_FILE"):
        text = f"{SETTING} has both JWT_PRIVATE_KEY and JWT_PRIVATE_KEY_FILE: give one of them."
        found.append(("JWT_PRIVATE_KEY_FILE", text))
    for key in ("PARALLEL_WORKERS", "CALLS_IN_FLIGHT"):
        if not 1 <= given.get(key, 1) <= 10:
            found.append((key, f'{SETTING}["{key}"] must be 1 to 10.'))
    if (given.get("BULK_THRESHOLD") or 0) < 0:
        found.append(("BULK_THRESHOLD", f'{SETTING}["BULK_THRESHOLD"] must be 0 or more.'))
    return found
