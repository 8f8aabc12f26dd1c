"""Attribute rules: points for who people are."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from tests.admin.rule_form import ATTRIBUTE, add, errors_of, make_score, told, url
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.tests import TESTS, Takes, register_test


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin_user):
    """A superuser: rules name forms, which only those may choose who may edit them."""
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def score():
    return make_score()


class TestAttributeRules:
    def test_are_added(self, client, score):
        assert add(client, score, "attribute").url == url("inspect", score.pk)
        rule = Rule.objects.get()
        assert (rule.kind, rule.source, rule.field) == ("attribute", "field", "job_title")
        assert (rule.test, rule.value, rule.points) == ("contains", "Director", 5)
        assert told(rule) == "5 points when Job title contains “Director”."

    @pytest.mark.parametrize(
        ("subject", "test", "value", "words"),
        [
            (
                "attribute:licences",
                "number:greater_or_equal",
                "3000",
                "Licences is at least “3,000”",
            ),
            ("attribute:licences", "number:between", "1\n10", "Licences is between “1” and “10”"),
            ("attribute:consent", "boolean:is_true", "ignored", "Consent is yes"),
            ("attribute:renewal", "date:less", "2027-01-31", "Renewal is before “31 Jan 2027”"),
            ("field:email", "text:ends_with", "@gmail.com", "E-mail ends with “@gmail.com”"),
            ("field:city", "text:is_empty", "", "City is empty"),
            ("field:country", "text:in_list", "Germany\nfrance", "Country is one of “DE”, “FR”"),
            ("field:country", "text:contains", "Germany", "Country contains “Germany”"),
            ("attribute:size", "choice:equals", "large", "Size is “large”"),
            (
                "attribute:size",
                "choice:in_list",
                "small\r\nlarge\r\n",
                "Size is one of “small”, “large”",
            ),
        ],
    )
    def test_of_every_type(self, client, score, subject, test, value, words):
        response = add(client, score, "attribute", subject=subject, test=test, value=value)
        assert response.status_code == 302
        assert told(Rule.objects.get()) == f"5 points when {words}."

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"subject": ""}, "subject"),
            ({"subject": "field:password"}, "subject"),
            ({"subject": "attribute:none"}, "subject"),
            ({"test": "text:sounds_like"}, "test"),
            ({"subject": "attribute:licences"}, "test"),
            ({"subject": "attribute:consent", "test": "number:less", "value": "1"}, "test"),
            ({"value": ""}, "value"),
            (
                {"subject": "attribute:licences", "test": "number:greater", "value": "many"},
                "value",
            ),
            (
                {"subject": "attribute:licences", "test": "number:between", "value": "10\n1"},
                "value",
            ),
            ({"subject": "attribute:renewal", "test": "date:less", "value": "31.1.2027"}, "value"),
            ({"subject": "attribute:renewal", "test": "date:less", "value": "2027-02-30"}, "value"),
            ({"value": "Director\nManager"}, "value"),
            ({"points": "0x10"}, "points"),
        ],
    )
    def test_refuse_bad_input_beside_its_field(self, client, score, changes, field):
        assert list(errors_of(add(client, score, "attribute", **changes))) == [field]

    def test_are_shown_again_as_they_are(self, client, score):
        rule = Rule.objects.create(
            score=score, name="R", kind="attribute", source="attribute", field="licences",
            test="greater", value="10", points=2,
        )  # fmt: skip
        form = client.get(url("rule_edit", score.pk, rule.pk)).context["form"]
        assert form["subject"].value() == "attribute:licences"
        assert form["test"].value() == "number:greater"
        assert form["value"].value() == "10"

    def test_keep_moments_in_utc_and_show_them_on_the_local_clock(self, client, score, settings):
        settings.TIME_ZONE = "Europe/Berlin"
        with timezone.override("Europe/Berlin"):
            add(client, score, "attribute", subject="attribute:seen", test="date:greater",
                value="2027-07-01T09:30")  # fmt: skip
            rule = Rule.objects.get()
            assert rule.value == "2027-07-01T07:30:00+00:00"
            form = client.get(url("rule_edit", score.pk, rule.pk)).context["form"]
            assert form["value"].value() == "2027-07-01T09:30"

    def test_of_an_attribute_that_is_gone_can_be_repaired(self, client, score):
        rule = Rule.objects.create(
            score=score, name="R", kind="attribute", source="attribute", field="gone",
            test="equals", value="1", points=2,
        )  # fmt: skip
        address = url("rule_edit", score.pk, rule.pk)
        assert client.get(address).status_code == 200
        client.post(address, {**ATTRIBUTE, "name": "R"})
        rule.refresh_from_db()
        assert rule.field == "job_title"

    def test_their_options_say_which_tests_fit(self, client, score):
        page = client.get(url("rule_add", score.pk, "attribute")).content.decode()
        assert '<option value="attribute:licences" data-kind="integer">' in page
        assert 'value="boolean:is_true" data-kinds="boolean" data-takes="none"' in page
        assert 'data-kinds="date datetime" data-takes="two"' in page


def test_tests_of_the_sites_own_are_offered_for_their_types(client, score, monkeypatch):
    for kind, known in TESTS.items():
        monkeypatch.setitem(TESTS, kind, dict(known))
    register_test(
        "is_free_mail",
        "is a free e-mail address",
        lambda value, operands: value is not None and value.endswith("gmail.com"),
        types=["text"],
        takes=Takes.NONE,
    )
    page = client.get(url("rule_add", score.pk, "attribute")).content.decode()
    assert 'value="text:is_free_mail" data-kinds="text" data-takes="none"' in page
    add(client, score, "attribute", subject="field:email", test="text:is_free_mail")
    assert told(Rule.objects.get()) == "5 points when E-mail is a free e-mail address."
    add(client, score, "attribute", name="X", subject="field:notes", test="text:is_free_mail")
    assert Rule.objects.count() == 1
