"""Attribute rules: points for who people are."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.admin.rule_form import ATTRIBUTE, add, errors_of, make_score, told, url
from wagtail_salesforce.scoring.models import Rule


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
                "Licences is at least “3000”",
            ),
            ("attribute:licences", "number:between", "1\n10", "Licences is between “1” and “10”"),
            ("attribute:consent", "boolean:is_true", "ignored", "Consent is yes"),
            ("attribute:renewal", "date:less", "2027-01-31", "Renewal is before “2027-01-31”"),
            ("field:email", "text:ends_with", "@gmail.com", "E-mail ends with “@gmail.com”"),
            ("field:city", "text:is_empty", "", "City is empty"),
            ("field:country", "text:in_list", "Germany\nfrance", "Country is one of “DE”, “FR”"),
            ("field:country", "text:contains", "Germany", "Country contains “Germany”"),
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
        assert '<option value="attribute:licences" data-family="number">' in page
        assert 'data-family="boolean" data-takes="none"' in page
