"""Compares the organization and the site's own records with the model."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from tests.ready import EXTERNAL_ID
from tests.replication.model.site import link_of
from tests.replication.model.world import Fate, Lead, Person, Values, World
from wagtail_salesforce.replication.engine import RunResult
from wagtail_salesforce.replication.models import LeadLink, Run


COLUMNS = ("LastName", "FirstName", "Email", "City", "Company", "Title")
KINDS = {"refused": "suspended", "converted": "excluded", "deleted": "excluded"} | {
    "merged": "excluded"
}

Fates = dict[int, Fate]


def seen(org: Any) -> dict[str, Lead]:
    """The organization's leads, deleted ones too, by id."""
    return {row["Id"]: _lead(row) for row in org.leads(include_deleted=True)}


def _lead(row: dict[str, Any]) -> Lead:
    return Lead(
        row[EXTERNAL_ID] or "",
        {name: row.get(name) for name in COLUMNS},
        bool(row["IsConverted"]),
        bool(row["IsDeleted"]),
        row.get("MasterRecordId") or "",
    )


def filled(values: Values) -> Values:
    """Values with every column."""
    return {**dict.fromkeys(COLUMNS), **values}


def unique(leads: dict[str, Lead]) -> None:
    """Never two leads with one external id, and none without."""
    living = Counter(lead.external_id for lead in leads.values() if not lead.deleted)
    twice = [key for key, count in living.items() if count > 1 or not key]
    assert not twice, f"two leads with one external id: {twice}"


def run_adds_up(result: RunResult) -> None:
    """The row of a run says what its result says."""
    if result.run_id is None:
        return
    row = Run.objects.get(pk=result.run_id)
    told = {name: value for name, value in result.as_json().items() if hasattr(row, name)}
    kept = {name: getattr(row, name) for name in told}
    state = "running" if result.more else result.state
    assert kept == {**told, "state": state, "reason": told["reason"] or ""}


def same_counts(found: Counter[str], expected: Counter[str], made_before: int) -> None:
    """The counts are those expected. A lead that a lost call had made already may take a second
    call, which clears what is empty."""
    more = found["updated"] - expected["updated"]
    assert 0 <= more <= made_before, (found, expected)
    assert found - Counter(updated=more) == expected


def counts_of(fates: Fates) -> Counter[str]:
    """What the counts of a run must be."""
    found: Counter[str] = Counter()
    for fate in fates.values():
        if fate.kind != "nothing":
            found[KINDS.get(fate.kind, fate.kind)] += 1
    return found


def adopt_new(world: World, found: dict[str, Lead], fates: Fates) -> None:
    """Leads seen for the first time must be those that were to be made, with their values."""
    wanted = {
        person.external_id: person
        for pk, person in world.people.items()
        if fates.get(pk, Fate("nothing")).kind == "created" and not person.lead
    }
    for lead_id in found.keys() - world.leads.keys():
        person = wanted.pop(found[lead_id].external_id, None)
        assert person is not None, f"a lead that nobody was to get: {found[lead_id]}"
        person.lead = lead_id
        assert person.told is not None
        world.leads[lead_id] = Lead(person.external_id, filled(person.told))
    assert not wanted, f"people without their lead: {list(wanted.values())}"


def same_leads(world: World, found: dict[str, Lead]) -> None:
    """The organization holds what the model holds, nothing more and nothing less."""
    assert found.keys() == world.leads.keys()
    different = {pk: (found[pk], world.leads[pk]) for pk in found if found[pk] != world.leads[pk]}
    assert not different, f"(found, expected): {different}"


def links_agree(world: World, now: datetime) -> None:
    """The links say what the model says."""
    for person in world.people.values():
        link = link_of(person.pk)
        assert (link.external_id, link.lead_id) == (person.external_id, person.lead), person
        assert (link.state, link.excluded_reason) == (state_of(person), person.held), person
        assert link.due_at is None or (link.due_at > now and person.waits), (person, link.due_at)
    erased = LeadLink.objects.filter(external_id__in=world.erased)
    assert not erased.exclude(state="erased", contact=None, due_at=None).exists()


def state_of(person: Person) -> str:
    """The state of a person's link."""
    if person.held:
        return "excluded"
    if person.suspended:
        return "suspended"
    return "replicated" if person.lead else "new"
