"""After a run in trouble: what was to be done is done or is still to be done, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone

from tests.replication.model import check
from tests.replication.model.site import link_of
from tests.replication.model.world import NOTHING, Fate, Lead, Person, Values, World


SENT = ("created", "updated")

#: For each person what a run may have made of it: before and after what happened meanwhile.
Chances = dict[int, list[Fate]]


#: What is in Bulk jobs, by external id.
Travelling = dict[str, list[Fate]]
#: What an answer to something sent long ago may say.
LATE = {"refused", "converted", "deleted", "merged"}


class Adopted:
    """The organization after the run, compared with what may be; the model becomes as it is."""

    def __init__(
        self, world: World, org: Any, chances: Chances, travelling: Travelling, *, suspending: bool
    ) -> None:
        self.world, self.chances, self.suspending = world, chances, suspending
        self.travelling = travelling
        self.before, self.found = world.leads, check.seen(org)
        check.unique(self.found)

    def people(self, gone: list[Person]) -> None:
        """Take over what happened to everybody; `gone` are people who left while the run was on."""
        everybody = [*self.world.people.values(), *gone]
        for lead_id, lead in self.found.items():
            owner = next((p for p in everybody if p.external_id == lead.external_id), None)
            fates = self.travelling.get(lead.external_id, [])
            fates = fates + (self.chances.get(owner.pk, []) if owner else [])
            assert lead in self._allowed(self.before.get(lead_id), lead, fates), (owner, lead)
        assert self.found.keys() >= self.before.keys()
        self.world.leads = self.found
        for person in self.world.people.values():
            self._person(person, self.chances.get(person.pk, [NOTHING]))

    def _allowed(self, old: Lead | None, new: Lead, fates: list[Fate]) -> list[Lead]:
        sent = [fate.values for fate in fates if fate.kind in SENT]
        if old is None:
            return [Lead(new.external_id, check.filled(values)) for values in sent]
        return [old, *(replace(old, values={**old.values, **values}) for values in sent)]

    def _person(self, person: Person, fates: list[Fate]) -> None:
        link, now = link_of(person.pk), timezone.now()
        kinds = {fate.kind for fate in fates}
        kinds |= LATE if person.external_id in self.travelling else set()
        assert link.external_id == person.external_id
        assert link.excluded_reason in {person.held, *kinds}, (person, fates)
        suspended = link.state == "suspended"
        may_be = person.suspended or "refused" in kinds or self.suspending
        assert not suspended or may_be, (person, link.last_error_code)
        self._take_over(person, link)
        person.held, person.suspended = link.excluded_reason, suspended
        person.waits = link.due_at if link.due_at and link.due_at > now else None
        left = self.world.fate(person, now)
        assert left.kind == "nothing" or link.due_at, f"forgotten: {person} {left}"

    def _take_over(self, person: Person, link: Any) -> None:
        known = self.world.stray(person) if link.lead_id != person.lead else person.lead
        assert link.lead_id in {known, ""}, (person, link.lead_id)
        person.lead, person.required = link.lead_id, link.required
        was_told = person.touched and link.version == link.synced_version
        person.touched = link.version > link.synced_version
        lead = self.found.get(self.world.stray(person))
        arrived = lead is not None and lead != self.before.get(self.world.stray(person))
        if was_told:
            person.told = self._told(person, lead, arrived)
        elif not link.fingerprint or arrived:
            person.told = None

    def _told(self, person: Person, lead: Lead | None, arrived: bool) -> Values:
        """What the site rightly believes that Salesforce knows."""
        now = self.world.payload(person)
        sent = [fate.values for fate in self.travelling.get(person.external_id, [])]
        for values in [now, *sent] if lead else []:
            if lead and lead.values == {**lead.values, **values}:
                return values
        assert not arrived, (person, lead)
        return now
