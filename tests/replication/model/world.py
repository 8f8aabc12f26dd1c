"""The model: what people are, what the organization holds, and what a run has to make of it.

Pure, and written from the specification, not from the engine: nothing here reads the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


Values = dict[str, str | None]

#: How long a purchase counts.
VALID = timedelta(days=10)
CITY_LENGTH = 40
#: The city that the organization's validation rule refuses.
NOWHERE = "Nowhere"


@dataclass
class Lead:
    """A lead as the organization holds it."""

    external_id: str
    values: Values
    converted: bool = False
    deleted: bool = False
    master: str = ""


@dataclass
class Person:
    """A contact, what people decided about it, and what the site knows of its lead."""

    pk: int
    external_id: str
    fields: dict[str, str]
    agreed: bool | None = None
    bought: list[tuple[datetime, int]] = field(default_factory=list)
    #: Ids of companies, the first membership first.
    companies: list[int] = field(default_factory=list)
    required: bool = False
    #: Why it is held back: by_hand, converted, deleted, merged.
    held: str = ""
    suspended: bool = False
    #: Whether something happened since Salesforce was told last.
    touched: bool = True
    #: What Salesforce accepted last, as far as the site can know for sure.
    told: Values | None = None
    #: The id of the lead that the site knows of.
    lead: str = ""
    #: Left alone until then.
    waits: datetime | None = None

    def touch(self) -> None:
        """Its contact was saved, or did something."""
        self.touched, self.suspended, self.waits = True, False, None

    def retry(self) -> None:
        """Somebody wants it tried again."""
        self.touch()
        self.told = None


@dataclass
class Rules:
    """The settings and the mapping."""

    keep_updated: bool = True
    by_score: bool = False
    minimum: int = 0
    consent: bool = False
    create_anew: bool = False
    default_company: str = "Unknown"
    reserve: int = 20
    #: Points for each unit of a purchase: stored, and in force since the last recalculation.
    stored_points: int = 1
    points: int = 1
    with_title: bool = False


@dataclass(frozen=True)
class Fate:
    """What a run makes of somebody: a kind, and the values of the lead where they change.

    nothing, unchanged, refused, created, updated, converted, deleted, merged.
    """

    kind: str
    values: Values = field(default_factory=dict)
    #: The lead was deleted, and a new one takes its place.
    anew: bool = False


NOTHING = Fate("nothing")


@dataclass
class World:
    """Everybody and everything."""

    rules: Rules = field(default_factory=Rules)
    people: dict[int, Person] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    companies: dict[int, str] = field(default_factory=dict)
    #: External ids of erased people, and of those among them whose leads must go.
    erased: set[str] = field(default_factory=set)
    doomed: set[str] = field(default_factory=set)
    #: Whether the organization's validation rule is on.
    refuses: bool = False

    def points(self, person: Person, now: datetime) -> int:
        """The unexpired points."""
        return sum(v for when, v in person.bought if when + VALID > now) * self.rules.points

    def payload(self, person: Person) -> Values:
        """What the lead should say."""
        own = person.fields
        values: Values = {
            "LastName": own["last_name"] or None,
            "FirstName": own["first_name"] or None,
            "Email": own["email"] or None,
            "City": own["city"][:CITY_LENGTH] or None,
            "Company": self.company(person),
        }
        return values | ({"Title": own["job_title"] or None} if self.rules.with_title else {})

    def company(self, person: Person) -> str:
        """The company rule."""
        names = (self.companies[pk] for pk in person.companies)
        found = next((name for name in names if name), "")
        return person.fields["company_name"] or found or self.rules.default_company

    def fate(self, person: Person, now: datetime, *, alone: bool = False) -> Fate:
        """What a run comes to for a person; `alone` is a run for this contact only."""
        waits = person.waits is not None and person.waits > now
        if person.held or person.suspended or waits or not self._agrees(person):
            return NOTHING
        if person.lead:
            return self._fate_of_known(person, alone)
        if alone or self._has_enough(person, now):
            return self._fate_of_new(person)
        return NOTHING

    def _agrees(self, person: Person) -> bool:
        return person.agreed is True or not self.rules.consent

    def _has_enough(self, person: Person, now: datetime) -> bool:
        if person.required or not self.rules.by_score:
            return True
        return self.points(person, now) >= self.rules.minimum

    def _fate_of_known(self, person: Person, alone: bool) -> Fate:
        lead, values = self.leads[person.lead], self.payload(person)
        if not (self.rules.keep_updated and (person.touched or alone)):
            return NOTHING
        if not values["LastName"]:
            return Fate("refused")
        if values == person.told:
            return Fate("unchanged")
        if lead.deleted:
            return self._fate_of_gone(person, lead)
        if lead.converted:
            return Fate("converted")
        return Fate("refused") if self._refused(values) else Fate("updated", values)

    def _fate_of_gone(self, person: Person, lead: Lead) -> Fate:
        if lead.master:
            return Fate("merged")
        if not self.rules.create_anew:
            return Fate("deleted")
        made = self._fate_of_new(person)
        return Fate(made.kind, made.values, anew=True)

    def _fate_of_new(self, person: Person) -> Fate:
        values = self.payload(person)
        stray = self.stray(person)
        if not values["LastName"]:
            return Fate("refused")
        if stray and self.leads[stray].converted:
            return Fate("converted")
        return Fate("refused") if self._refused(values) else Fate("created", values)

    def _refused(self, values: Values) -> bool:
        return self.refuses and values["City"] == NOWHERE

    def stray(self, person: Person) -> str:
        """The living lead that answers to the person's external id, known to the site or not."""
        found = (pk for pk, lead in self.leads.items() if lead.external_id == person.external_id)
        return next((pk for pk in found if not self.leads[pk].deleted), "")

    def carry_out(self, person: Person, fate: Fate) -> None:
        """A run has done it. A lead that is new gets its id when it is seen (`adopt_new`)."""
        if fate.anew:
            person.lead, person.required = "", True
        if fate.kind == "refused":
            person.suspended = True
        elif fate.kind in ("converted", "deleted", "merged"):
            person.held = fate.kind
        elif fate.kind in ("created", "updated", "unchanged"):
            person.touched, person.waits = False, None
            self._write(person, fate)

    def _write(self, person: Person, fate: Fate) -> None:
        if fate.kind == "unchanged":
            return
        person.told = fate.values
        if fate.kind == "created":
            person.lead = self.stray(person)
        if person.lead:
            lead = self.leads[person.lead]
            lead.values = {**lead.values, **fate.values}


def merged(survivor: Person, other: Person) -> Person:
    """One person out of two: values, wishes and the lead; the other's lead stays as it is."""
    kept = other if _worth(other) > _worth(survivor) else survivor
    fields = {name: value or other.fields[name] for name, value in survivor.fields.items()}
    by_hand = "by_hand" in (survivor.held, other.held)
    person = Person(
        survivor.pk,
        kept.external_id,
        fields,
        other.agreed if survivor.agreed is None else survivor.agreed,
        survivor.bought + other.bought,
        list(dict.fromkeys(survivor.companies + other.companies)),
        required=survivor.required or other.required,
        held="by_hand" if by_hand else kept.held,
        told=kept.told,
        lead=kept.lead,
    )
    return person


def _worth(person: Person) -> int:
    if not person.lead:
        return 0
    return 1 if person.held in ("deleted", "merged") else 2
