"""System checks: the settings, and every trap of django-q2 that loses or doubles work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

from wagtail_salesforce import conf
from wagtail_salesforce.background import CLUSTER, SLICE_SECONDS


def register_checks() -> None:
    """Make the checks known to Django."""
    register(check_settings)
    register(check_base_url)
    register(check_cluster)
    register(check_sqlite, Tags.database)
    register(check_visitors)


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """The WAGTAIL_SALESFORCE setting: unknown keys, wrong types, unusable keys and files."""
    problems = conf.problems()
    found: list[CheckMessage] = [
        Error(text, hint=f"Correct the key {key} in your settings.", id="wagtail_salesforce.E001")
        for key, text in problems
    ]
    wrong = {key for key, _text in problems}
    if conf.SETTING in wrong:
        return found
    return found + [each for keys, check in VALUES if wrong.isdisjoint(keys) for each in check()]


def _check_keys() -> Iterator[CheckMessage]:
    for number, key in enumerate(conf.conf().ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield Error(
                f'Key {number} of WAGTAIL_SALESFORCE["ENCRYPTION_KEYS"] is not a Fernet key.',
                hint="Make one with cryptography.fernet.Fernet.generate_key().",
                id="wagtail_salesforce.E002",
            )


def _check_ca_bundle() -> Iterator[CheckMessage]:
    path = conf.conf().CA_BUNDLE
    if path and not os.path.isfile(path):
        yield Error(
            'The file named by WAGTAIL_SALESFORCE["CA_BUNDLE"] does not exist.',
            hint="Name a file with CA certificates in PEM form, or remove the key.",
            id="wagtail_salesforce.E003",
        )


def _check_private_key() -> Iterator[CheckMessage]:
    """The key of the JWT bearer flow. What is wrong is said without the key."""
    # Here, because the models behind the connection are loaded after the checks.
    from wagtail_salesforce.connection.private_key_file import read_private_key_file
    from wagtail_salesforce.exceptions import AuthorizationFailed
    from wagtail_salesforce.salesforce.private_key import usable_key

    values = conf.conf()
    try:
        if values.JWT_PRIVATE_KEY_FILE:
            read_private_key_file(values.JWT_PRIVATE_KEY_FILE)
        elif values.JWT_PRIVATE_KEY:
            usable_key(values.JWT_PRIVATE_KEY)
    except AuthorizationFailed as refusal:
        key = "JWT_PRIVATE_KEY_FILE" if values.JWT_PRIVATE_KEY_FILE else "JWT_PRIVATE_KEY"
        yield Error(
            f'WAGTAIL_SALESFORCE["{key}"] cannot be used. {refusal.message}',
            hint=refusal.cure,
            id="wagtail_salesforce.E004",
        )


def _check_login_url() -> Iterator[CheckMessage]:
    from wagtail_salesforce.exceptions import AuthorizationFailed
    from wagtail_salesforce.salesforce.hosts import HostRules, parse_address
    from wagtail_salesforce.salesforce.typed_hosts import as_login_url

    values = conf.conf()
    if not values.LOGIN_URL:
        return
    url = as_login_url(values.LOGIN_URL)
    try:
        HostRules.of(values.ALLOWED_HOSTS, values.ALLOW_LOOPBACK_ORG).check(url)
    except AuthorizationFailed as refusal:
        text = f'WAGTAIL_SALESFORCE["LOGIN_URL"] cannot be used. {refusal.message}'
        yield Error(text, hint=refusal.cure, id="wagtail_salesforce.E005")
        return
    if "." not in values.LOGIN_URL and not parse_address(values.LOGIN_URL):
        yield Warning(
            f'WAGTAIL_SALESFORCE["LOGIN_URL"] is no address, and is taken for {url}.',
            hint=f"Write {url} if that is meant, or else the address.",
            id="wagtail_salesforce.W006",
        )


def _check_alert_emails() -> Iterator[CheckMessage]:
    for address in conf.conf().ALERT_EMAILS:
        try:
            validate_email(parseaddr(address)[1])
        except ValidationError:
            yield Warning(
                f'WAGTAIL_SALESFORCE["ALERT_EMAILS"] has {address!r}, which is no e-mail address.',
                hint="Give addresses such as ops@example.org: nobody else hears of a stop.",
                id="wagtail_salesforce.W007",
            )


#: Credentials for which None is the way to say that they are not set here.
CREDENTIALS = (
    "CLIENT_ID",
    "CLIENT_SECRET",
    "LOGIN_URL",
    "JWT_USERNAME",
    "JWT_PRIVATE_KEY",
    "JWT_PRIVATE_KEY_FILE",
)


def _check_empty() -> Iterator[CheckMessage]:
    for key in CREDENTIALS:
        if getattr(conf.conf(), key) == "":
            yield Warning(
                f'WAGTAIL_SALESFORCE["{key}"] is empty, which counts as not set.',
                hint="Perhaps an environment variable is missing. Give a value, or None.",
                id="wagtail_salesforce.W008",
            )


#: What is looked at where the keys it is about are of the right type.
VALUES: list[tuple[tuple[str, ...], Callable[[], Iterator[CheckMessage]]]] = [
    (("ENCRYPTION_KEYS",), _check_keys),
    (("CA_BUNDLE",), _check_ca_bundle),
    (("JWT_PRIVATE_KEY", "JWT_PRIVATE_KEY_FILE"), _check_private_key),
    (("LOGIN_URL", "ALLOWED_HOSTS", "ALLOW_LOOPBACK_ORG"), _check_login_url),
    (("ALERT_EMAILS",), _check_alert_emails),
    (CREDENTIALS, _check_empty),
]


def check_base_url(**kwargs: Any) -> list[CheckMessage]:
    """WAGTAILADMIN_BASE_URL; where it is missing altogether, Wagtail's own check says so."""
    given = getattr(settings, "WAGTAILADMIN_BASE_URL", None)
    parts = urlsplit(str(given))
    if given is None or (parts.scheme in ("http", "https") and parts.netloc):
        return []
    return [
        Warning(
            f"WAGTAILADMIN_BASE_URL is {given!r}, which is no address.",
            hint='Give the one that editors use, such as "https://www.example.org": the callback '
            "URL is made from it, and by it a copy of the database is known as one.",
            id="wagtail_salesforce.W021",
        )
    ]


def check_cluster(**kwargs: Any) -> list[CheckMessage]:
    """Q_CLUSTER as the replicator needs it."""
    if not apps.is_installed("django_q"):
        return [
            Error(
                "django_q is not in INSTALLED_APPS, so nothing would be replicated.",
                hint='Add "django_q" to INSTALLED_APPS and run migrate.',
                id="wagtail_salesforce.E010",
            )
        ]
    options = effective_options()
    return [message for trap in TRAPS for message in trap(options)]


def effective_options() -> dict[str, Any]:
    """The Q_CLUSTER options that hold for the cluster that serves us."""
    options = dict(getattr(settings, "Q_CLUSTER", {}))
    options.update(options.pop("ALT_CLUSTERS", {}).get(CLUSTER, {}))
    return options


def _check_broker(options: dict[str, Any]) -> Iterator[CheckMessage]:
    from django_q.models import Schedule

    orm = options.get("orm")
    if orm is not None and orm != router.db_for_write(Schedule):
        yield Error(
            f'Q_CLUSTER["orm"] is {orm!r}, but django-q2 keeps its schedules in another database.',
            hint=f'Set "orm" to {router.db_for_write(Schedule)!r}: a separate one never saves the '
            "next run of a schedule.",
            id="wagtail_salesforce.E011",
        )
    if orm is None:
        yield Warning(
            "django-q2 does not use its ORM broker, so a task of a killed worker is dropped.",
            hint='Set "orm": "default" in Q_CLUSTER. (No contact is lost: the next run sends it.)',
            id="wagtail_salesforce.W012",
        )


def _check_timeout(options: dict[str, Any]) -> Iterator[CheckMessage]:
    timeout, retry = options.get("timeout"), options.get("retry", 60)
    if not timeout or timeout < 2 * SLICE_SECONDS:
        yield Warning(
            f'Q_CLUSTER["timeout"] is {timeout}, too short for a slice of {SLICE_SECONDS} seconds.',
            hint='Set "timeout": 300. A slice ends by itself; the timeout is only a backstop.',
            id="wagtail_salesforce.W013",
        )
    if timeout and retry <= 3 * timeout:
        yield Warning(
            f'Q_CLUSTER["retry"] ({retry}) is not more than three times "timeout" ({timeout}), '
            "so waiting tasks are started a second time.",
            hint=f'Set "retry" to more than {3 * timeout}.',
            id="wagtail_salesforce.W014",
        )


#: option: (the value it should have, django-q2's default, what happens otherwise)
EXPECTED = {
    "ack_failures": (True, False, "a failed task is repeated for ever"),
    "max_attempts": (1, 0, "a failed task is repeated without limit"),
    "catch_up": (False, True, "missed runs all start at once after a pause"),
    "guard_cycle": (0.5, 0.5, "tasks that hang are not stopped"),
}


def _check_options(options: dict[str, Any]) -> Iterator[CheckMessage]:
    for number, (name, (wanted, default, trouble)) in enumerate(EXPECTED.items(), start=15):
        if options.get(name, default) != wanted:
            yield Warning(
                f'Q_CLUSTER["{name}"] is {options.get(name, default)!r}, so that {trouble}.',
                hint=f'Set "{name}": {wanted!r} in Q_CLUSTER.',
                id=f"wagtail_salesforce.W{number:03}",
            )


TRAPS: list[Callable[[dict[str, Any]], Iterator[CheckMessage]]] = [
    _check_broker,
    _check_timeout,
    _check_options,
]


def check_sqlite(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """SQLite as it is by default fails with "database is locked" beside a running replicator."""
    return [
        Warning(
            f"The SQLite database {alias!r} {trouble}, so that forms and the replicator lock each "
            "other out.",
            hint='Set "OPTIONS": {"transaction_mode": "IMMEDIATE", '
            '"init_command": "PRAGMA journal_mode=WAL;"} for this database.',
            id="wagtail_salesforce.W020",
        )
        for alias in databases or []
        if connections[alias].vendor == "sqlite"
        and (trouble := _sqlite_trouble(connections[alias]))
    ]


def _sqlite_trouble(connection: BaseDatabaseWrapper) -> str:
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode") or "DEFERRED"
    if mode.upper() != "IMMEDIATE":
        return f"begins transactions in {mode.lower()} mode"
    # Asked for, as the file remembers it from whoever has set it.
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
    return "" if journal in ("wal", "memory") else f"keeps its journal in {journal} mode"


MIDDLEWARE = "wagtail_salesforce.middleware.VisitorMiddleware"


def check_visitors(**kwargs: Any) -> list[CheckMessage]:
    """The recognition of visitors: functions that exist, and settings that have an effect."""
    if conf.problems():
        return []
    values = conf.conf()
    found: list[CheckMessage] = [
        message
        for key in ("COOKIE_CONSENT", "VERIFIED_USERS")
        for message in _check_function(key, getattr(values, key))
    ]
    needs_middleware = [
        key for key in ("COOKIE_CONSENT", "PAGE_VISITS", "VERIFIED_USERS") if getattr(values, key)
    ]
    if needs_middleware and MIDDLEWARE not in settings.MIDDLEWARE:
        found.append(_no_middleware(needs_middleware))
    if values.PAGE_VISITS and not values.COOKIE_CONSENT:
        found.append(_no_consent())
    return found


def _check_function(key: str, path: str | None) -> Iterator[CheckMessage]:
    if path is None:
        return
    try:
        usable = callable(import_string(path))
    except ImportError:
        usable = False
    if not usable:
        yield Error(
            f'WAGTAIL_SALESFORCE["{key}"] does not name a function that can be imported.',
            hint='Give its dotted path, such as "website.visitors.function".',
            id="wagtail_salesforce.E030",
        )


def _no_middleware(keys: list[str]) -> CheckMessage:
    return Warning(
        f"WAGTAIL_SALESFORCE has {', '.join(keys)}, which do nothing without the middleware.",
        hint=f'Add "{MIDDLEWARE}" to the end of MIDDLEWARE, or remove them.',
        id="wagtail_salesforce.W031",
    )


def _no_consent() -> CheckMessage:
    return Warning(
        "Page visits are switched on, but none is recorded, as no visitor is asked for consent.",
        hint='Set WAGTAIL_SALESFORCE["COOKIE_CONSENT"], see docs/visitors.md.',
        id="wagtail_salesforce.W032",
    )
