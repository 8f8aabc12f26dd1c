"""What would stop a run, found without an API call. Panel, run and commands say the same."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_matches
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.mapping.drift import Drift, drift
from wagtail_salesforce.mapping.known import last_reading
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.problem import MappingProblem
from wagtail_salesforce.mapping.validate import EXTERNAL_ID_CODES
from wagtail_salesforce.mapping.validate import problems as mapping_problems
from wagtail_salesforce.replication.allowance import FRESH, reserve_reached
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.settings_check import settings_problems


def problems() -> list[str]:
    """The reason codes of all that would stop a run now, the most basic first."""
    return list(_problems(ReplicationSettings.load(), Connection.load()))


def check(settings: ReplicationSettings, connection: Connection) -> None:
    """Raise Stopped for the first problem."""
    for code in _problems(settings, connection):
        raise Stopped(code=code)


def _problems(settings: ReplicationSettings, connection: Connection) -> Iterator[str]:
    if not settings.enabled:
        yield "disabled"
    yield from _of_connection(settings, connection)
    yield from _of_mapping(settings, connection)
    yield from settings_problems(settings, attribute_types())
    if connection.is_authorized and reserve_reached(connection, settings.api_reserve_percent):
        yield "api_reserve"


def _of_connection(settings: ReplicationSettings, connection: Connection) -> Iterator[str]:
    if not connection.is_authorized:
        yield "not_authorized"
        return
    if isinstance(connection.access_token, UnreadableSecret):
        # Authorizing anew would cure it, too, but mostly a key was lost that can be put back.
        yield "unreadable_secret"
        return
    if not site_matches(connection):
        yield "site_changed"
    if settings.org_id and settings.org_id != connection.org_id:
        yield "org_changed"


def _of_mapping(settings: ReplicationSettings, connection: Connection) -> Iterator[str]:
    mapping = settings.mapping
    if mapping is None:
        yield "no_mapping"
        return
    if not mapping.external_id_field:
        yield "no_external_id"
    elif _is_fresh(mapping, connection):
        yield from _of_fields(mapping)


def _of_fields(mapping: Mapping) -> Iterator[str]:
    errors = mapping_errors(mapping)
    if any(each.code in EXTERNAL_ID_CODES for each in errors):
        yield "no_external_id"
    elif errors:
        yield "mapping_broken"


def _is_fresh(mapping: Mapping, connection: Connection) -> bool:
    """Whether the org's fields were read within the hour.

    An older reading decides nothing: the run reads them anew.
    """
    return DescribeSnapshot.objects.filter(
        org_id=connection.org_id,
        object_name=mapping.object_name,
        fetched_at__gt=timezone.now() - FRESH,
    ).exists()


def mapping_errors(mapping: Mapping) -> list[MappingProblem]:
    """Why the mapping does not fit the org's fields as they were read last; no API call."""
    describe = last_reading(mapping)
    if describe is None:
        return []
    found = mapping_problems(mapping, describe, attribute_types())
    return [problem for problem in found if problem.is_error]


def mapping_drift(mapping: Mapping) -> list[Drift]:
    """What changed in the org's fields since the mapping was saved, as read last; no API call."""
    describe = last_reading(mapping)
    return drift(mapping, describe, attribute_types()) if describe else []


def attribute_types() -> dict[str, FieldType]:
    """The types of all attributes, by name."""
    return {name: FieldType(kind) for name, kind in Attribute.objects.values_list("name", "type")}
