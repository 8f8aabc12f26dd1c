"""System checks: the settings, and every trap of django-q2 that loses or doubles work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections, router
from django.utils.module_loading import import_string

from wagtail_salesforce import conf
from wagtail_salesforce.background import CLUSTER, SLICE_SECONDS


def register_checks() -> None:
    """Make the checks known to Django."""
    register(check_settings)
    register(check_cluster)
    register(check_sqlite, Tags.database)
    register(check_visitors)


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """The WAGTAIL_SALESFORCE setting: unknown keys, wrong types, unusable keys and files."""
    found: list[CheckMessage] = [
        Error(text, hint=f"Correct the key {key} in your settings.", id="wagtail_salesforce.E001")
        for key, text in conf.problems()
    ]
    return found or [*_check_keys(), *_check_ca_bundle(), *_check_private_key()]


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
    """SQLite's default transactions fail with "database is locked" beside a running replicator."""
    return [
        Warning(
            f"The SQLite database {alias!r} begins transactions in deferred mode, so that forms "
            "and the replicator lock each other out.",
            hint='Set "OPTIONS": {"transaction_mode": "IMMEDIATE", '
            '"init_command": "PRAGMA journal_mode=WAL;"} for this database.',
            id="wagtail_salesforce.W020",
        )
        for alias in databases or []
        if connections[alias].vendor == "sqlite"
        and connections[alias].settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE"
    ]


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
