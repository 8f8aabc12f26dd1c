"""A Lead of a big company: 800 fields of every type, with long picklists and awkward labels.

Composed from the attributes that describe prints of such fields (REST guide, "sObject
Describe"; Object reference, "Field Types", "Compound Fields").
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from .custom_fields import custom
from .fields import FieldSpec, PicklistValue, bitmap, entries, read_only


TOTAL = 800
LONG_PICKLIST = 1000
TEAMS = ("Sales", "Service", "Fleet", "Events", "Finance", "Legal", "Partner", "Web")
THINGS = ("Region", "Grade", "Owner Note", "Interest", "Plan", "Stage", "Source", "Check")
# Names of a managed package carry its prefix.
PREFIXES = ("", "", "", "acme__")
HELP = 'Kept up to date by <b>Sales Operations</b> & checked each quarter; see "Lead handbook".'


def large_fields(known: int) -> list[FieldSpec]:
    """The fields that fill an object that has this many up to 800."""
    fields = [*_long_picklists(), *_awkward(), *_location()]
    numbers = range(TOTAL - known - len(fields))
    return [*fields, *(_KINDS[number % len(_KINDS)](*_names(number)) for number in numbers)]


def _long_picklists() -> Iterator[FieldSpec]:
    branches = _values("Branch")
    yield custom("Branch__c", "picklist", "Branch", picklist=branches, restricted=True)
    yield custom("Dealer__c", "picklist", "Dealer", picklist=_values("Dealer"))
    skills = _values("Skill", 500)
    yield custom("Skills__c", "multipicklist", "Skills", picklist=skills, restricted=True)
    models = tuple(
        replace(entry, valid_for=bitmap(number, LONG_PICKLIST))
        for number, entry in enumerate(_values("Model", 200))
    )
    yield custom("Model__c", "picklist", "Model", picklist=models, controller="Branch__c")


def _values(word: str, count: int = LONG_PICKLIST) -> tuple[PicklistValue, ...]:
    """Values whose labels differ from them, every hundredth retired."""
    return tuple(
        PicklistValue(f"{word[0]}{number:04d}", f"{word} no. {number}", active=number % 100 != 99)
        for number in range(count)
    )


def _awkward() -> Iterator[FieldSpec]:
    """Labels that a page must escape, break or turn round."""
    markup = '<script>alert("Größe")</script> & Umsatz'
    yield custom("Markup__c", "string", markup[:40], length=80, help=HELP)
    yield custom("Arabic__c", "string", "ملاحظات العميل", length=80)
    yield custom("Unbroken__c", "string", "W" * 40, length=1)
    yield custom("Twin_A__c", "string", "Twin", length=255, help="The same label as another field.")
    yield custom("Twin_B__c", "double", "Twin", precision=18, scale=0)
    needed = custom("Needed__c", "string", "Needed by Finance", length=20, assigned="Web")
    yield replace(needed, nillable=False, defaulted=True)


def _location() -> list[FieldSpec]:
    """A geolocation: its two numbers can be written, the whole cannot."""
    parts = [
        custom(
            f"Site__{name}__s",
            "double",
            f"Site ({name})",
            precision=18,
            scale=15,
            compound="Site__c",
        )
        for name in ("Latitude", "Longitude")
    ]
    return [*parts, read_only(custom("Site__c", "location", "Site"))]


def _names(number: int) -> tuple[str, str]:
    """API name and label of the field of this number."""
    team = TEAMS[number % len(TEAMS)]
    thing = THINGS[number // len(TEAMS) % len(THINGS)]
    label = f"{team} {thing} {number}"
    return f"{PREFIXES[number % len(PREFIXES)]}{label.replace(' ', '_')}__c", label


def _plain(type: str, **attributes: object) -> Callable[[str, str], FieldSpec]:
    def make(name: str, label: str) -> FieldSpec:
        return custom(name, type, label, **attributes)

    return make


def _formula(type: str, **attributes: object) -> Callable[[str, str], FieldSpec]:
    def make(name: str, label: str) -> FieldSpec:
        spec = custom(name, type, label, calculated=True, formula="TODAY()", **attributes)
        return read_only(spec)

    return make


def _checkbox(name: str, label: str) -> FieldSpec:
    return replace(custom(name, "boolean", label), help=HELP)


_FEW = entries("Low", "Middle", "High", default="Middle")
_KINDS: tuple[Callable[[str, str], FieldSpec], ...] = (
    _plain("string", length=80, help=HELP),
    _plain("string", length=255),
    _plain("picklist", picklist=_FEW),
    _plain("picklist", picklist=_FEW, restricted=True),
    _plain("double", precision=12, scale=2),
    _plain("double", precision=4, scale=0),
    _plain("currency", precision=18, scale=2),
    _plain("percent", precision=5, scale=2),
    _plain("date"),
    _plain("datetime"),
    _plain("time"),
    _checkbox,
    _plain("textarea", extra_type="plaintextarea"),
    _plain("textarea", length=32768, extra_type="plaintextarea"),
    _plain("textarea", length=32768, extra_type="richtextarea"),
    _plain("multipicklist", picklist=_FEW, restricted=True),
    _plain("email"),
    _plain("phone"),
    _plain("url"),
    _plain("encryptedstring", length=50),
    _plain("reference", reference_to=("Account",)),
    _plain("reference", reference_to=("User",)),
    _formula("string", length=1300),
    _formula("double", precision=18, scale=2),
    _formula("date"),
)
