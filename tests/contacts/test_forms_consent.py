"""A ticked consent box sets its attribute to yes, whoever typed it; nothing withdraws it."""

from __future__ import annotations

import pytest

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts.connections import other_problems
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, FormConnection


pytestmark = pytest.mark.django_db

FIELDS = [("E-mail", "email"), ("Consent", "checkbox"), ("Country", "dropdown")]
TARGETS = {"e_mail": {"field": "email"}, "country": {"field": "country"}}
CONSENT = {"consent_field": "consent", "consent_attribute": "newsletter"}


@pytest.fixture
def page():
    Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    return make_form(fields=FIELDS, choices="de\nUnited States\nFrance")


def send(page, **data):
    submit(page, e_mail="ada@example.org", **data)
    return Contact.objects.get().attributes.get("newsletter")


@pytest.mark.parametrize("known", [{}, {"newsletter": False}, {"newsletter": True}])
def test_a_ticked_box_sets_it_without_overwriting(page, known):
    Contact.objects.create(email="ada@example.org", attributes=known)
    connect(page, TARGETS, **CONSENT)
    assert send(page, consent="on") is True
    assert Activity.objects.get().comment == "Consent was given (newsletter)."


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("known", [{}, {"newsletter": False}, {"newsletter": True}])
def test_an_unticked_box_changes_nothing(page, known, overwrite):
    Contact.objects.create(email="ada@example.org", attributes=known)
    connect(page, TARGETS, overwrite=overwrite, **CONSENT)
    assert send(page) == known.get("newsletter")
    assert Activity.objects.get().comment == ""


def test_not_even_through_another_target(page):
    """Such a connection is refused; one that is there all the same withdraws nothing."""
    Contact.objects.create(email="ada@example.org", attributes={"newsletter": True})
    targets = {**TARGETS, "consent": {"attribute": "newsletter"}}
    made = connect(page, targets, overwrite=True, **CONSENT)
    assert send(page) is True
    assert [problem.path for problem in other_problems(made)] == ["consent_attribute"]


def test_an_attribute_that_is_gone_is_noted(page):
    connect(page, TARGETS, **CONSENT)
    Attribute.objects.all().delete()
    assert send(page, consent="on") is None
    assert Activity.objects.get().comment == "There is no attribute newsletter any more."


@pytest.mark.parametrize(
    ("columns", "path"),
    [
        ({"consent_field": "consent"}, "consent_attribute"),
        ({"consent_attribute": "newsletter"}, "consent_field"),
        ({**CONSENT, "consent_attribute": "size"}, "consent_attribute"),
        ({**CONSENT, "consent_attribute": "none"}, "consent_attribute"),
        (CONSENT, None),
    ],
)
@pytest.mark.usefixtures("page")
def test_what_cannot_work_is_refused(columns, path):
    Attribute.objects.create(name="size", label="Size", type="integer")
    found = list(other_problems(FormConnection(fields=TARGETS, **columns)))
    assert [problem.path for problem in found] == ([path] if path else [])


@pytest.mark.parametrize(
    ("choice", "code"), [("de", "DE"), ("United States", "US"), ("France", "FR")]
)
def test_a_choice_of_countries_by_code_or_name(page, choice, code):
    connect(page, TARGETS)
    submit(page, e_mail="ada@example.org", country=choice)
    assert Contact.objects.get().country == code


def test_a_choice_of_states_by_code():
    fields = [("E-mail", "email"), ("Country", "singleline"), ("State", "radio")]
    page = make_form(fields=fields, choices="CA\nUS-NY\nTexas")
    connect(page, {"e_mail": {"field": "email"}} | {n: {"field": n} for n in ("country", "state")})
    for number, (choice, code) in enumerate([("CA", "CA"), ("US-NY", "NY"), ("Texas", "TX")]):
        email = f"a{number}@example.org"
        submit(page, e_mail=email, country="USA", state=choice)
        assert Contact.objects.get(email=email).state == code


def test_an_attribute_of_the_type_choice(page):
    Attribute.objects.create(name="size", label="Size", type="choice", choices="Small\nLarge")
    form = make_form("size", [("E-mail", "email"), ("Size", "singleline")])
    connect(form, {"e_mail": {"field": "email"}, "size": {"attribute": "size"}})
    submit(form, e_mail="a@example.org", size="large")
    submit(form, e_mail="b@example.org", size="huge")
    assert Contact.objects.get(email="a@example.org").attributes == {"size": "Large"}
    assert not Contact.objects.get(email="b@example.org").attributes.get("size")
    comment = Activity.objects.get(contact__email="b@example.org").comment
    assert "size was not taken over." in comment
    assert "huge" not in comment
