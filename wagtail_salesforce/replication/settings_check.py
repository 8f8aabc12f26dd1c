"""What is wrong with the stored settings of replication, by reason code.

The panel's form lets none of this in; direct SQL, a deleted score or attribute, and settings of a
former version may. Such a value stops replication by its name and never means something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping.description import check_description
from wagtail_salesforce.replication.models import ReplicationSettings


MOST_PER_BATCH = 1000
MOST_POINTS = 2**31 - 1
#: With all calls in reserve none would be left for replication.
MOST_RESERVE = 99
#: A week. Whoever wants fewer runs than that starts them by hand.
MOST_MINUTES = 7 * 24 * 60
#: Assignment rules have ids of 15 or 18 characters that begin with 01Q.
RULE_ID = re.compile(r"01Q[A-Za-z0-9]{12}([A-Za-z0-9]{3})?")


def settings_problems(
    settings: ReplicationSettings, attribute_types: Mapping[str, FieldType]
) -> Iterator[str]:
    """The reason codes of the settings that stop a run, in the order of the panel."""
    yield from _of_audience(settings)
    if settings.schedule_enabled and not is_schedule(settings.schedule_minutes):
        yield "schedule_minutes"
    if not 1 <= settings.batch_size <= MOST_PER_BATCH:
        yield "batch_size"
    if check_description(settings.lead_description, attribute_types):
        yield "invalid_lead_description"
    if not settings.default_company_name.strip():
        yield "no_default_company"
    yield from _of_safety(settings, attribute_types)


def _of_audience(settings: ReplicationSettings) -> Iterator[str]:
    """A minimum means something with a score only; without one its field is not even shown."""
    if settings.by_score and not 0 <= settings.minimum_points <= MOST_POINTS:
        yield "minimum_points"
    if settings.by_score and settings.score is None:
        yield "score_missing"


def _of_safety(
    settings: ReplicationSettings, attribute_types: Mapping[str, FieldType]
) -> Iterator[str]:
    if not 0 <= settings.api_reserve_percent <= MOST_RESERVE:
        yield "reserve_percent"
    rule = settings.assignment_rule
    if rule not in ("off", "active") and not RULE_ID.fullmatch(rule):
        yield "assignment_rule"
    consent = settings.consent_attribute
    if consent and attribute_types.get(consent) is not FieldType.BOOLEAN:
        yield "consent_missing"


def is_schedule(minutes: int) -> bool:
    """Whether django-q2 can run something every so many minutes, within reason."""
    return 1 <= minutes <= MOST_MINUTES
