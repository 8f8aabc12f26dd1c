"""Each problem that stops replication, with its cure and the way to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.panel_rights import ASK, Rights
from wagtail_salesforce.exceptions import REASONS, Text
from wagtail_salesforce.mapping.compile import in_words
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings, Run
from wagtail_salesforce.replication.preflight import mapping_errors
from wagtail_salesforce.replication.preflight import problems as problem_codes


#: More fields than this are for the mapping's own page.
NAMED = 10

#: In the order in which somebody puts things right, which is not that of a run's checks.
ORDER = (
    "not_authorized",
    "unreadable_secret",
    "site_changed",
    "org_changed",
    "no_mapping",
    "no_external_id",
    "mapping_broken",
    "score_missing",
    "minimum_points",
    "schedule_minutes",
    "batch_size",
    "invalid_lead_description",
    "no_default_company",
    "reserve_percent",
    "assignment_rule",
    "consent_missing",
    "api_reserve",
    "disabled",
)

#: code: (the right it takes, the part of the panel that cures it)
ON_THE_PANEL = {
    "not_authorized": ("authorize", "ws-access-section"),
    "unreadable_secret": ("authorize", "ws-access-section"),
    "score_missing": ("settings", "id_audience"),
    "batch_size": ("settings", "id_batch_size"),
    "minimum_points": ("settings", "id_minimum_points"),
    "invalid_lead_description": ("settings", "id_lead_description"),
    "no_default_company": ("settings", "id_default_company_name"),
    "schedule_minutes": ("settings", "id_schedule_minutes"),
    "reserve_percent": ("settings", "id_api_reserve_percent"),
    "assignment_rule": ("settings", "id_assignment_id"),
    "consent_missing": ("settings", "id_consent_attribute"),
    "api_reserve": ("settings", "id_api_reserve_percent"),
    "disabled": ("settings", "id_enabled"),
}

#: What only a run finds out: it counts until a run goes well.
OF_THE_MAPPING = ("mapping_broken", "no_external_id")
PASSING = ("busy", "lease_lost", "interrupted")
FOUND_BY_RUNS = frozenset(REASONS).difference(ORDER, PASSING).union(OF_THE_MAPPING)

#: What a new connection changes nothing about.
OF_THE_SITE = ("internal_error", "extension_failed")


@dataclass(frozen=True)
class Way:
    """Where something is put right: the right it takes, the address, the words of the link.

    Without an address the template has a form for it.
    """

    right: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True)
class Problem:
    """One thing to put right. `url` is empty for who may not go there, and `ask` says whom to ask.

    `details` are lines below the text, such as the fields it is about.
    """

    code: str
    text: Text
    cure: Text
    url: str = ""
    link: str = ""
    ask: Text = ""
    details: tuple[str, ...] = ()


def make_problem(code: str, text: Text, cure: Text, way: Way | None, rights: Rights) -> Problem:
    """A problem with a link for who may follow it, and with words for everybody else."""
    if way is None:
        return Problem(code, text, cure)
    if not rights.get(way.right):
        return Problem(code, text, cure, ask=ASK[way.right])
    return Problem(code, text, cure, way.url, way.link)


def problems(settings: ReplicationSettings, rights: Rights) -> list[Problem]:
    """What would stop a run now, in the order in which to put it right."""
    return [_problem(code, settings, rights) for code in codes_in_order()]


def codes_in_order() -> list[str]:
    """The reason codes of what would stop a run now, in the order in which to put it right."""
    return sorted(problem_codes(), key=_place)


def _place(code: str) -> int:
    return ORDER.index(code) if code in ORDER else len(ORDER)


def _problem(code: str, settings: ReplicationSettings, rights: Rights) -> Problem:
    reason = REASONS[code]
    problem = make_problem(code, reason.text, reason.cure, way_to(code, settings), rights)
    return replace(problem, details=_fields_at_fault(code, settings))


def _fields_at_fault(code: str, settings: ReplicationSettings) -> tuple[str, ...]:
    """What is wrong with the mapping by the fields as they were read last, each by its name."""
    if code not in ("mapping_broken", "no_external_id") or settings.mapping is None:
        return ()
    errors = mapping_errors(settings.mapping)
    lines = tuple(in_words(each) for each in errors[:NAMED])
    return (*lines, "…") if len(errors) > NAMED else lines


def way_to(code: str, settings: ReplicationSettings) -> Way | None:
    """Where a problem is put right; None where nothing on these pages does."""
    if code in ("site_changed", "org_changed"):
        return Way("authorize")
    if code == "no_mapping":
        return _way_to_a_mapping()
    if code in ("no_external_id", "mapping_broken") and settings.mapping_id:
        return Way("mapping", mapping_url(settings.mapping), _("Open the mapping"))
    if code in ON_THE_PANEL:
        right, target = ON_THE_PANEL[code]
        return Way(right, f"#{target}", _("Go to this setting"))
    return None


def _way_to_a_mapping() -> Way:
    if Mapping.objects.exists():
        return Way("settings", "#id_mapping", _("Choose a mapping"))
    return Way("new_mapping", mapping_url(), _("Create a mapping"))


def found_by_last_run(
    run: Run | None,
    settings: ReplicationSettings,
    known: list[Problem],
    rights: Rights,
    authorized_at: datetime | None = None,
) -> Problem | None:
    """Why the last run stopped, where only a run can find that out and nobody has cured it since.

    `authorized_at` is when the present connection was made.
    """
    if run is None or run.reason not in FOUND_BY_RUNS:
        return None
    if run.reason in {item.code for item in known} or _is_cured(run, settings, authorized_at):
        return None
    return _problem(run.reason, settings, rights)


def _is_cured(run: Run, settings: ReplicationSettings, authorized_at: datetime | None) -> bool:
    if run.reason in OF_THE_MAPPING and _mapping_saved_since(run, settings):
        return True
    made_since = bool(authorized_at and run.finished_at and run.finished_at < authorized_at)
    return made_since and run.reason not in OF_THE_SITE


def _mapping_saved_since(run: Run, settings: ReplicationSettings) -> bool:
    return settings.mapping is None or settings.mapping.modified_at > run.started_at


def mapping_url(mapping: Any = None) -> str:
    """The editor of a mapping, or the page that makes a new one."""
    namespace = Mapping.snippet_viewset.url_namespace  # type: ignore[attr-defined]
    if mapping is None:
        return reverse(f"{namespace}:add")
    return reverse(f"{namespace}:edit", args=[mapping.pk])
