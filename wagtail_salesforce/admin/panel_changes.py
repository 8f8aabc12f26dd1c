"""What the panel says of changes: the organization's fields, and leads that do not show ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.admin.panel_problems import NAMED, Problem, Way, make_problem, mapping_url
from wagtail_salesforce.admin.panel_rights import Rights
from wagtail_salesforce.admin.resend_access import resend_url
from wagtail_salesforce.replication.again import is_asked
from wagtail_salesforce.replication.due import replicated
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.preflight import mapping_drift


def changes(settings: ReplicationSettings, rights: Rights) -> Iterator[Problem]:
    """Drift of the fields as they were read last, and whether leads are sent again."""
    yield from _of_fields(settings, rights)
    yield from _of_leads(settings, rights)


def _of_fields(settings: ReplicationSettings, rights: Rights) -> Iterator[Problem]:
    mapping = settings.mapping
    found = mapping_drift(mapping) if mapping else []
    if mapping is None or not found:
        return
    count = len({each.field for each in found})
    text = ngettext(
        "%(shown)s Lead field has changed in Salesforce since the mapping “%(mapping)s” was saved.",
        "%(shown)s Lead fields have changed in Salesforce since the mapping “%(mapping)s” was saved.",
        count,
    ) % {"shown": intcomma(count), "mapping": mapping.name}
    cure = _("Look at the rows that are marked; saving the mapping accepts the changes.")
    way = Way("mapping", mapping_url(mapping), _("Open the mapping"))
    lines = [str(each) for each in found[:NAMED]] + (["…"] if len(found) > NAMED else [])
    yield replace(make_problem("drift", text, cure, way, rights), details=tuple(lines))


def _of_leads(settings: ReplicationSettings, rights: Rights) -> Iterator[Problem]:
    if not is_asked(settings):
        return
    count = replicated().count()
    text = ngettext(
        "The mapping or its settings have changed, but %(shown)s lead still has the former values.",
        "The mapping or its settings have changed, but %(shown)s leads still have the former values.",
        count,
    ) % {"shown": intcomma(count)}
    cure = _("Each is written anew once its contact changes. All of them can be sent again.")
    way = Way("resend", resend_url(), _("Choose whether to send them again"))
    yield make_problem("resend", text, cure, way, rights)
