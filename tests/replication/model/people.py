"""What people do on the site, and what editors decide about them."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.replication.model import site
from tests.replication.model.basis import MOST_PEOPLE, Basis, cities, has_people, somebody, step
from tests.replication.model.world import Person, merged
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import Company, CompanyMembership, Contact
from wagtail_salesforce.replication import by_hand, due
from wagtail_salesforce.replication.models import LeadLink


names = st.sampled_from(["One", "Two", "Three", ""])
plain_fields = st.sampled_from(["first_name", "company_name", "job_title"])
values = st.sampled_from(["Ada", "Bo", ""])


class People(Basis):
    """Contacts and their companies."""

    @step(city=cities, last_name=names, first_name=values)
    def create(self, **fields: str) -> None:
        """Somebody new."""
        if len(self.world.people) >= MOST_PEOPLE:
            return
        self.numbers += 1
        contact = Contact.objects.create(email=f"p{self.numbers}@example.org", **fields)
        self._add(contact)

    @step(city=cities, last_name=names)
    def capture(self, **fields: str) -> None:
        """Somebody new fills in a form."""
        if len(self.world.people) >= MOST_PEOPLE:
            return
        self.numbers += 1
        contact = capture(email=f"p{self.numbers}@example.org", **fields)
        assert contact is not None
        self._add(contact)

    def _add(self, contact: Contact) -> None:
        known = ("last_name", "first_name", "email", "city", "company_name", "job_title")
        fields = {name: getattr(contact, name) for name in known}
        external_id = site.link_of(contact.pk).external_id
        self.world.people[contact.pk] = Person(contact.pk, external_id, fields)

    @precondition(has_people)
    @step(n=somebody, city=cities, overwrite=st.booleans())
    def capture_again(self, n: int, city: str, overwrite: bool) -> None:
        """Somebody known fills in a form."""
        person = self.pick(n)
        capture(email=person.fields["email"], city=city, overwrite=overwrite)
        if city and (overwrite or not person.fields["city"]):
            person.fields["city"] = city
        person.touch()

    @precondition(has_people)
    @step(n=somebody, city=cities)
    def move(self, n: int, city: str) -> None:
        self._edit(self.pick(n), city=city)

    @precondition(has_people)
    @step(n=somebody, last_name=names)
    def rename(self, n: int, last_name: str) -> None:
        self._edit(self.pick(n), last_name=last_name)

    @precondition(has_people)
    @step(n=somebody, name=plain_fields, value=values)
    def edit(self, n: int, name: str, value: str) -> None:
        self._edit(self.pick(n), **{name: value})

    def _edit(self, person: Person, **fields: str) -> None:
        site.edit(person.pk, **fields)
        person.fields |= fields
        person.touch()

    @precondition(has_people)
    @step(n=somebody, agreed=st.booleans())
    def agree(self, n: int, agreed: bool) -> None:
        person = self.pick(n)
        site.agree(person.pk, agreed)
        person.agreed = agreed
        person.touch()

    @precondition(has_people)
    @step(n=somebody, value=st.sampled_from([5, 10, -5]))
    def buy(self, n: int, value: int) -> None:
        person = self.pick(n)
        activity = site.buy(person.pk, value)
        person.bought.append((activity.occurred_at, value))
        person.touch()

    @precondition(lambda self: len(self.world.people) > 1)
    @step(n=somebody, m=somebody)
    def merge(self, n: int, m: int) -> None:
        survivor, other = self.pick(n), self.pick(m)
        if survivor is other:
            return
        merge(survivor.pk, other.pk)
        del self.world.people[other.pk]
        self.world.people[survivor.pk] = merged(survivor, other)

    @precondition(has_people)
    @step(n=somebody, delete_leads=st.booleans())
    def erase(self, n: int, delete_leads: bool) -> None:
        self._erase(self.pick(n), delete_leads)

    def _erase(self, person: Person, delete_leads: bool) -> None:
        theirs = LeadLink.objects.filter(merged_into=person.pk).values_list(
            "external_id", flat=True
        )
        gone = {person.external_id, *theirs}
        erase([person.pk], delete_leads=delete_leads)
        del self.world.people[person.pk]
        self.world.erased |= gone
        self.world.doomed |= gone if delete_leads else set()

    @precondition(has_people)
    @step(n=somebody, name=st.sampled_from(["Acme", "Beta", ""]))
    def join(self, n: int, name: str) -> None:
        person = self.pick(n)
        company = Company.objects.create(name=name)
        CompanyMembership.objects.create(company=company, contact_id=person.pk)
        self.world.companies[company.pk] = name
        person.companies.append(company.pk)
        person.touch()

    @precondition(lambda self: self.world.companies)
    @step(n=somebody, name=st.sampled_from(["Acme", "Gamma", ""]))
    def rename_company(self, n: int, name: str) -> None:
        companies = self.world.companies
        pk = sorted(companies)[n % len(companies)]
        company = Company.objects.get(pk=pk)
        company.name = companies[pk] = name
        company.save()
        for person in self.world.people.values():
            if pk in person.companies:
                person.touch()


class Decisions(People):
    """What editors decide about single contacts."""

    @precondition(has_people)
    @step(n=somebody)
    def exclude(self, n: int) -> None:
        person = self.pick(n)
        by_hand.exclude([person.pk])
        if not person.held:
            person.held, person.suspended = "by_hand", False

    @precondition(lambda self: any(person.held for person in self.world.people.values()))
    @step(n=somebody)
    def include(self, n: int) -> None:
        held = [person for person in self.world.people.values() if person.held]
        person = held[n % len(held)]
        by_hand.include([person.pk])
        if person.held != "by_hand":
            former, person.lead = person.external_id, ""
            person.external_id = site.link_of(person.pk).external_id
            assert person.external_id != former
        person.held = ""
        person.retry()

    @precondition(has_people)
    @step(n=somebody, required=st.booleans())
    def require(self, n: int, required: bool) -> None:
        person = self.pick(n)
        by_hand.require([person.pk], required)
        person.required = required

    @precondition(has_people)
    @step(n=somebody)
    def retry(self, n: int) -> None:
        person = self.pick(n)
        due.retry(LeadLink.objects.filter(contact=person.pk))
        if person.suspended or self.waits(person):
            person.retry()
