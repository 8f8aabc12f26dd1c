"""Each problem that stops replication, with its cure and the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import REASONS, Text
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.preflight import problems as problem_codes


#: In the order in which somebody puts things right, which is not that of a run's checks.
ORDER = (
    "not_authorized",
    "site_changed",
    "org_changed",
    "no_mapping",
    "no_external_id",
    "mapping_broken",
    "score_missing",
    "batch_size",
    "minimum_points",
    "invalid_lead_description",
    "no_default_company",
    "api_reserve",
    "disabled",
)

#: code: (the part of the panel that cures it, the words of the link)
SECTIONS = {
    "not_authorized": "access",
    "score_missing": "replication",
    "batch_size": "replication",
    "minimum_points": "replication",
    "disabled": "replication",
    "invalid_lead_description": "description",
    "no_default_company": "company",
    "api_reserve": "safety",
}


@dataclass(frozen=True)
class Problem:
    """One thing to put right. `url` may be empty; the template knows codes with forms."""

    code: str
    text: Text
    cure: Text
    url: str = ""
    link: str = ""


def problems(settings: ReplicationSettings) -> list[Problem]:
    """What would stop a run now, in the order in which to put it right."""
    codes = sorted(problem_codes(), key=_place)
    return [_problem(code, settings) for code in codes]


def _place(code: str) -> int:
    return ORDER.index(code) if code in ORDER else len(ORDER)


def _problem(code: str, settings: ReplicationSettings) -> Problem:
    reason = REASONS[code]
    url, link = _way(code, settings)
    return Problem(code, reason.text, reason.cure, url, link)


def _way(code: str, settings: ReplicationSettings) -> tuple[str, str]:
    if code == "no_mapping":
        return _way_to_mapping()
    if code in ("no_external_id", "mapping_broken") and settings.mapping_id:
        return mapping_url(settings.mapping), _("Open the mapping")
    if code in SECTIONS:
        return f"#ws-{SECTIONS[code]}-section", _("Go to this setting")
    return "", ""


def _way_to_mapping() -> tuple[str, str]:
    if Mapping.objects.exists():
        return "#ws-replication-section", _("Choose a mapping")
    return mapping_url(), _("Create a mapping")


def mapping_url(mapping: Any = None) -> str:
    """The editor of a mapping, or the page that makes a new one."""
    namespace = Mapping.snippet_viewset.url_namespace  # type: ignore[attr-defined]
    if mapping is None:
        return reverse(f"{namespace}:add")
    return reverse(f"{namespace}:edit", args=[mapping.pk])
