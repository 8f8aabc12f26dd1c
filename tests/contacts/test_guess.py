"""The guess offered for a form, in the languages of the table."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wagtail.contrib.forms.utils import get_field_clean_name

from wagtail_salesforce.contacts.connections import problems
from wagtail_salesforce.contacts.fields import WRITABLE
from wagtail_salesforce.contacts.guess import guess_consent, guess_fields


FORMS = {
    "English": {
        "First name*": "first_name",
        "Last name*": "last_name",
        "E-mail address": "email",
        "Company name": "company_name",
        "Your role": "job_title",
        "Phone number (optional)": "business_phone",
        "Mobile": "mobile_phone",
        "Street address": "street",
        "Town": "city",
        "ZIP / Postal code": "postal_code",
        "State / Province": "state",
        "Country": "country",
        "Date of birth": "birthday",
        "How can we help? Your message": "notes",
    },
    "German": {
        "Vorname": "first_name",
        "Nachname": "last_name",
        "E-Mail-Adresse": "email",
        "Firma": "company_name",
        "Telefon": "business_phone",
        "Handynummer": "mobile_phone",
        "Straße und Hausnummer": "street",
        "PLZ": "postal_code",
        "Ort": "city",
        "Bundesland": "state",
        "Land": "country",
        "Ihre Nachricht": "notes",
    },
    "French": {
        "Prénom": "first_name",
        "Nom": "last_name",
        "Adresse e-mail": "email",
        "Société": "company_name",
        "Fonction": "job_title",
        "Téléphone portable": "mobile_phone",
        "Téléphone": None,
        "Adresse": "street",
        "Code postal": "postal_code",
        "Ville": "city",
        "Pays": "country",
        "Votre message": "notes",
    },
    "Spanish": {
        "Nombre": "first_name",
        "Apellidos": "last_name",
        "Correo electrónico": "email",
        "Empresa": "company_name",
        "Cargo": "job_title",
        "Teléfono": "business_phone",
        "Dirección": "street",
        "Código postal": "postal_code",
        "Ciudad": "city",
        "Provincia": "state",
        "País": "country",
        "Comentarios": "notes",
    },
    "Dutch": {
        "Voornaam": "first_name",
        "Achternaam": "last_name",
        "E-mailadres": "email",
        "Bedrijfsnaam": "company_name",
        "Functie": "job_title",
        "Telefoonnummer": "business_phone",
        "Straat en huisnummer": "street",
        "Postcode": "postal_code",
        "Woonplaats": "city",
        "Opmerkingen": "notes",
    },
    "Italian": {
        "Nome": "first_name",
        "Cognome": "last_name",
        "Indirizzo e-mail": "email",
        "Azienda": "company_name",
        "Telefono": "business_phone",
        "CAP": "postal_code",
        "Città": "city",
        "Messaggio": "notes",
    },
    "Polish": {"Imię": "first_name", "Nazwisko": "last_name", "Firma": "company_name"},
    "Japanese": {"お名前": "full_name", "会社名": "company_name", "メールアドレス": "email"},
    "A whole name": {"Name": "full_name", "Email": "email"},
    "A whole name in French": {"Nom et prénom": "full_name", "Courriel": "email"},
    "A first name called name": {"Name": "first_name", "Surname": "last_name"},
    "Names of other things": {
        "Product name": None,
        "Company website": None,
        "Web address": None,
        "Event": None,
        "Status": None,
        "Password": None,
    },
    "The address of the company": {"Company e-mail": "email", "Company": "company_name"},
    "Twice for safety": {"Confirm e-mail": None, "E-mail": "email"},
}


def form_of(fields, kind="singleline"):
    return [
        SimpleNamespace(clean_name=get_field_clean_name(label), label=label, field_type=kind)
        for label in fields
    ]


def filled(target):
    return next(iter(target.values())) if target else None


@pytest.mark.parametrize("language", FORMS)
def test_forms_in_several_languages(language):
    wanted = FORMS[language]
    guess = guess_fields(form_of(wanted))
    found = {label: filled(guess.get(get_field_clean_name(label))) for label in wanted}
    if language == "French":
        # "portable" is surely a mobile phone, the other one just a phone.
        wanted = {**wanted, "Téléphone": "business_phone"}
    assert found == wanted


@pytest.mark.parametrize(
    ("label", "kind", "target"),
    [
        ("Where can we write?", "email", "email"),
        ("What do you want to know?", "multiline", "notes"),
        ("Address", "multiline", "street"),
        ("E-mail newsletter", "checkbox", None),
        ("Company", "url", None),
        ("Country", "dropdown", "country"),
        ("First name", "dropdown", None),
        ("Date of birth", "date", "birthday"),
        ("Start", "date", None),
        ("Phone", "number", "business_phone"),
        ("State", "number", None),
        ("utm_campaign", "hidden", "campaign"),
    ],
)
def test_the_type_of_the_field_counts(label, kind, target):
    guess = guess_fields(form_of([label], kind))
    assert [*guess.values()] == ([{"field": target}] if target else [])


def test_attributes_are_found_by_name_or_label():
    form = form_of(["Licences", "Size of your team", "E-mail", "Notes"])
    attributes = {"licences": "Number of licences", "team": "Size of your team", "notes": "x"}
    guess = guess_fields(form, attributes)
    assert guess["licences"] == {"attribute": "licences"}
    assert guess["size_of_your_team"] == {"attribute": "team"}
    assert guess["notes"] == {"field": "notes"}


def test_fields_described_by_name_and_type_do_as_well():
    field = SimpleNamespace(name="x", label="E-mail", type="email")
    assert guess_fields([field]) == {"x": {"field": "email"}}


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=30)
            | st.sampled_from([*FORMS["English"], *FORMS["French"]]),
            st.sampled_from(["singleline", "multiline", "email", "number", "date", "hidden"]),
        ),
        max_size=12,
        unique_by=lambda field: field[0],
    )
)
def test_no_form_breaks_it_and_each_target_is_used_once(fields):
    form = [
        SimpleNamespace(clean_name=f"f{number}", label=label, field_type=kind)
        for number, (label, kind) in enumerate(fields)
    ]
    guess = guess_fields(form)
    targets = [filled(target) for target in guess.values()]
    assert len(targets) == len(set(targets))
    assert set(targets) <= {*WRITABLE, "full_name"}
    if targets and "email" in targets:
        assert problems(guess, set()) == []


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (["Full name", "E-mail"], {"full_name": {"split": "full_name"}}),
        (["Vorname", "Name"], {"vorname": {"field": "first_name"}, "name": {"field": "last_name"}}),
        (["Full name", "Surname"], {"surname": {"field": "last_name"}}),
    ],
)
def test_a_whole_name_is_split_unless_its_parts_are_asked_for(labels, wanted):
    guess = guess_fields(form_of(labels))
    guess.pop("e_mail", None)
    assert guess == wanted


@pytest.mark.parametrize(
    ("label", "kind", "attributes", "wanted"),
    [
        ("I consent to be contacted", "checkbox", {"consent": "Consent"}, ("consent",)),
        ("Newsletter", "checkbox", {"vip": "VIP", "news": "Newsletter"}, ("news",)),
        ("Ich stimme zu", "checkbox", {"gdpr": "Marketing"}, ("gdpr",)),
        ("I accept the privacy policy", "checkbox", {"vip": "VIP"}, ("",)),
        ("Newsletter", "singleline", {"newsletter": "Newsletter"}, None),
        ("Send me a parcel", "checkbox", {"newsletter": "Newsletter"}, None),
    ],
)
def test_a_consent_is_guessed_from_the_boxes_to_tick(label, kind, attributes, wanted):
    consent = guess_consent(form_of(["E-mail", label], kind), attributes)
    field = get_field_clean_name(label)
    assert consent == ((field, *wanted) if wanted else ("", ""))
