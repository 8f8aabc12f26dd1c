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
from wagtail_salesforce.mapping.description import check_description
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.validate import problems as mapping_problems
from wagtail_salesforce.replication.allowance import FRESH, reserve_reached
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.salesforce.describe import ObjectDescribe


MOST_PER_BATCH = 1000


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
    yield from _of_settings(settings)
    if connection.is_authorized and reserve_reached(connection, settings.api_reserve_percent):
        yield "api_reserve"


def _of_connection(settings: ReplicationSettings, connection: Connection) -> Iterator[str]:
    if not connection.is_authorized or isinstance(connection.access_token, UnreadableSecret):
        yield "not_authorized"
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
    elif is_broken(mapping, connection):
        yield "mapping_broken"


def is_broken(mapping: Mapping, connection: Connection) -> bool:
    """Whether the mapping does not fit the org's fields, where they were read within the hour.

    An older reading decides nothing: the run reads them anew.
    """
    snapshot = DescribeSnapshot.objects.filter(
        org_id=connection.org_id,
        object_name=mapping.object_name,
        fetched_at__gt=timezone.now() - FRESH,
    ).first()
    if snapshot is None:
        return False
    found = mapping_problems(mapping, ObjectDescribe.from_json(snapshot.data), attribute_types())
    return any(problem.severity == "error" for problem in found)


def attribute_types() -> dict[str, FieldType]:
    """The types of all attributes, by name."""
    return {name: FieldType(kind) for name, kind in Attribute.objects.values_list("name", "type")}


def _of_settings(settings: ReplicationSettings) -> Iterator[str]:
    if not 1 <= settings.batch_size <= MOST_PER_BATCH:
        yield "batch_size"
    if settings.minimum_points < 0:
        yield "minimum_points"
    if settings.by_score and settings.score is None:
        yield "score_missing"
    if not settings.default_company_name.strip():
        yield "no_default_company"
    if check_description(settings.lead_description, list(attribute_types())):
        yield "invalid_lead_description"
