"""What people do in Salesforce, and what administrators set on the site."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.replication.model import check, site
from tests.replication.model.basis import Basis, has_leads, somebody, step
from tests.replication.model.people import People
from tests.replication.model.world import NOWHERE


class Salesforce(People):
    """Leads in the hands of others."""

    def _lead(self, number: int) -> str:
        return sorted(self.world.leads)[number % len(self.world.leads)]

    def _edit_owner(self, lead_id: str, noticed: bool) -> None:
        """What happened to a lead is noticed once there is something to tell of its contact."""
        for person in self.world.people.values():
            if noticed and person.lead == lead_id:
                self._edit(person, first_name="Bo" if person.fields["first_name"] != "Bo" else "")

    @precondition(has_leads)
    @step(n=somebody, noticed=st.booleans())
    def convert(self, n: int, noticed: bool) -> None:
        lead = self.world.leads[lead_id := self._lead(n)]
        if not (lead.deleted or lead.converted):
            self.org.convert(lead_id)
            lead.converted = True
        self._edit_owner(lead_id, noticed)

    @precondition(has_leads)
    @step(n=somebody, noticed=st.booleans())
    def delete_lead(self, n: int, noticed: bool) -> None:
        lead = self.world.leads[lead_id := self._lead(n)]
        if not lead.deleted:
            self.org.delete(lead_id)
            lead.deleted = True
        self._edit_owner(lead_id, noticed)

    @precondition(has_leads)
    @step(n=somebody, noticed=st.booleans())
    def undelete_lead(self, n: int, noticed: bool) -> None:
        lead = self.world.leads[lead_id := self._lead(n)]
        living = {each.external_id for each in self.world.leads.values() if not each.deleted}
        if lead.deleted and lead.external_id not in living:
            self.org.undelete(lead_id)
            lead.deleted, lead.master = False, ""
            # Somebody wants it back, perhaps after it was deleted for an erased person.
            self.world.doomed.discard(lead.external_id)
        self._edit_owner(lead_id, noticed)

    @precondition(has_leads)
    @step(n=somebody, m=somebody, noticed=st.booleans())
    def merge_leads(self, n: int, m: int, noticed: bool) -> None:
        lead_id, into = self._lead(n), self._lead(m)
        lead = self.world.leads[lead_id]
        if lead_id != into and not lead.deleted and not self.world.leads[into].deleted:
            self.org.merge(lead_id, into=into)
            lead.deleted, lead.master = True, into
        self._edit_owner(lead_id, noticed)

    @precondition(has_leads)
    @step(n=somebody)
    def change_lead(self, n: int) -> None:
        lead = self.world.leads[lead_id := self._lead(n)]
        if not lead.deleted:
            self.org.change(lead_id, City="Changed")
            lead.values["City"] = "Changed"

    @step(on=st.booleans())
    def validation_rule(self, on: bool) -> None:
        refusal = {"field": "City", "value": NOWHERE, "message": "There is no such place."}
        self.org.options(validation_rules=[refusal] if on else [])
        self.world.refuses = on


class Settings(Basis):
    """Settings, mapping and score."""

    @step(on=st.sampled_from([True, True, False]))
    def keep_updated(self, on: bool) -> None:
        site.save_settings(keep_leads_updated=on)
        self.world.rules.keep_updated = on

    @step(on=st.booleans(), minimum=st.sampled_from([0, 5, 10]))
    def by_score(self, on: bool, minimum: int) -> None:
        site.save_settings(score=on, minimum_points=minimum)
        self.world.rules.by_score, self.world.rules.minimum = on, minimum

    @step(on=st.booleans())
    def consent(self, on: bool) -> None:
        site.save_settings(consent_attribute=site.AGREED if on else "")
        self.world.rules.consent = on

    @step(on=st.booleans())
    def create_anew(self, on: bool) -> None:
        site.save_settings(deleted_leads="create" if on else "exclude")
        self.world.rules.create_anew = on

    @step(size=st.sampled_from([1, 2, 200, 300, 1000]))
    def batch_size(self, size: int) -> None:
        site.save_settings(batch_size=size)

    @step(name=st.sampled_from(["Unknown", "None"]), resend=st.booleans())
    def default_company(self, name: str, resend: bool) -> None:
        site.save_settings(default_company_name=name)
        self.world.rules.default_company = name
        self._decide(resend)

    @step(title=st.booleans(), resend=st.booleans())
    def mapping(self, title: bool, resend: bool) -> None:
        site.save_mapping(title)
        self.world.rules.with_title = title
        for person in self.world.people.values():
            if not person.held and (person.suspended or self.waits(person)):
                person.retry()
        self._decide(resend)

    def _decide(self, resend: bool) -> None:
        site.decide_about_leads(resend)
        for person in self.world.people.values():
            if resend and check.state_of(person) == "replicated":
                person.touch()

    @step(points=st.sampled_from([1, 2]), now=st.booleans())
    def change_points(self, points: int, now: bool) -> None:
        site.save_rule(points, now)
        self.world.rules.stored_points = points
        if now:
            self.world.rules.points = points
