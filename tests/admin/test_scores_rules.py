"""The rules of a score: their forms, their sentences, and what saving one sets off."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests.admin.people import client_of, messages_of
from tests.admin.rule_form import (
    ACTIVITY,
    ATTRIBUTE,
    CONDITION,
    activity_rule,
    add,
    errors_of,
    make_score,
    told,
    url,
)
from tests.forms_site import form_page
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.scoring.models import Rule, Score


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


class TestActivityRules:
    def test_are_added(self, client, score):
        response = add(client, score, "activity", per="value")
        assert response.url == url("inspect", score.pk)
        rule = Rule.objects.get()
        assert (rule.score, rule.kind, rule.name, rule.points) == (score, "activity", "Licences", 1)
        assert (rule.activity_type, rule.per, rule.recurring) == ("purchase", "value", True)
        assert told(rule) == "“Purchase” gives 1 point for each unit of its value."

    def test_may_be_limited_to_forms(self, client, score):
        quote, contact = form_page("quote"), form_page("contact")
        add(client, score, "activity", pages=[quote.pk, contact.pk])
        rule = Rule.objects.get()
        assert rule.activity_tests == {"pages": [quote.pk, contact.pk]}
        assert told(rule).endswith("only on “Quote” or “Contact”.")

    def test_may_be_limited_in_points_and_time(self, client, score):
        add(
            client, score, "activity", max_points="3000", validity="period",
            validity_amount="6", validity_unit="months",
        )  # fmt: skip
        rule = Rule.objects.get()
        assert (rule.max_points, rule.validity_amount, rule.validity_unit) == (3000, 6, "months")
        assert told(rule) == (
            "“Purchase” gives 1 point each time, at most 3,000 points, each valid for 6 months."
        )

    def test_may_end_at_a_date(self, client, score):
        add(client, score, "activity", validity="until", valid_until="2027-01-31 12:00")
        assert "31 Jan" in told(Rule.objects.get())

    def test_may_count_once(self, client, score):
        add(client, score, "activity", recurring="false", max_points="5")
        rule = Rule.objects.get()
        assert (rule.recurring, rule.max_points) == (False, None)
        assert told(rule) == "“Purchase” gives 1 point once."

    def test_keep_only_what_matters(self, client, score):
        """What was entered for a kind of validity that was not chosen in the end."""
        add(
            client, score, "activity", validity="never", validity_amount="6",
            validity_unit="days", valid_until="2027-01-31 12:00",
        )  # fmt: skip
        rule = Rule.objects.get()
        assert (rule.validity_amount, rule.validity_unit, rule.valid_until) == (None, "", None)

    def test_may_take_points_away(self, client, score):
        add(client, score, "activity", points="-2", max_points="-10")
        assert told(Rule.objects.get()) == (
            "“Purchase” gives −2 points each time, at least −10 points in all."
        )

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"points": ""}, "points"),
            ({"points": "100001"}, "points"),
            ({"points": "-100001"}, "points"),
            ({"points": "1.5"}, "points"),
            ({"activity_type": ""}, "activity_type"),
            ({"activity_type": "unknown"}, "activity_type"),
            ({"activity_type": "lead_shortened"}, "activity_type"),
            ({"pages": ["98765"]}, "pages"),
            ({"pages": ["x"]}, "pages"),
            ({"other_pages": ["98765"]}, "other_pages"),
            ({"other_pages": ["x"]}, "other_pages"),
            ({"other_pages": ["9" * 40]}, "other_pages"),
            ({"gone_pages": ["4711"]}, "gone_pages"),
            ({"per": "month"}, "per"),
            ({"max_points": "0"}, "max_points"),
            ({"max_points": "-5"}, "max_points"),
            ({"max_points": "9999999999"}, "max_points"),
            ({"validity": "period"}, "validity_amount"),
            (
                {"validity": "period", "validity_amount": "0", "validity_unit": "days"},
                "validity_amount",
            ),
            ({"validity": "period", "validity_amount": "5"}, "validity_unit"),
            (
                {"validity": "period", "validity_amount": "101", "validity_unit": "years"},
                "validity_amount",
            ),
            ({"validity": "until"}, "valid_until"),
            ({"validity": "until", "valid_until": "soon"}, "valid_until"),
            ({"validity": "until", "valid_until": "2027-02-30 12:00"}, "valid_until"),
            ({"validity": "sometimes"}, "validity"),
            ({"value_test": "number:greater", "value_value": "many"}, "value_value"),
            ({"value_test": "number:greater", "value_value": ""}, "value_value"),
            ({"value_test": "number:greater", "value_value": "1\n2"}, "value_value"),
            ({"value_test": "number:between", "value_value": "9\n1"}, "value_value"),
            ({"value_test": "text:contains", "value_value": "1"}, "value_test"),
            ({"title_test": "text:sounds_like", "title_value": "x"}, "title_test"),
            ({"time_test": "date:greater", "time_value": "2027-02-30T10:00"}, "time_value"),
            ({"time_test": "date:greater", "time_value": "soon"}, "time_value"),
        ],
    )
    def test_refuse_bad_input_beside_its_field(self, client, score, changes, field):
        assert list(errors_of(add(client, score, "activity", **changes))) == [field]

    def test_are_shown_again_as_they_are(self, client, score):
        page = form_page("quote")
        rule = Rule.objects.create(
            score=score, name="R", kind="activity", activity_type="purchase", points=2,
            per="value", recurring=False, max_points=7, validity_amount=3, validity_unit="weeks",
            activity_tests={"pages": [page.pk]},
        )  # fmt: skip
        form = client.get(url("rule_edit", score.pk, rule.pk)).context["form"]
        shown = {name: form[name].value() for name in ("per", "recurring", "validity", "pages")}
        assert shown == {
            "per": "value",
            "recurring": "false",
            "validity": "period",
            "pages": [page.pk],
        }

    def test_offer_only_forms_that_the_editor_may_edit(self, score):
        form_page("secret")
        form = client_of("change_score").get(url("rule_add", score.pk, "activity")).context["form"]
        assert form.fields["pages"].choices == []


class TestEveryRule:
    def test_has_a_name_of_its_own_in_its_score(self, client, score):
        other = Score.objects.create(name="Other")
        for owner in (score, other):
            Rule.objects.create(
                score=owner, name="Boss", kind="activity", activity_type="purchase", points=1
            )
        response = add(client, score, "attribute")
        assert list(response.context["form"].errors) == ["name"]
        assert Rule.objects.count() == 2

    def test_belongs_to_the_score_of_the_address(self, client, score):
        other = Score.objects.create(name="Other")
        rule = Rule.objects.create(
            score=other, name="R", kind="activity", activity_type="purchase", points=1
        )
        for name in ("rule_edit", "rule_delete"):
            assert client.get(url(name, score.pk, rule.pk)).status_code == 404
            assert client.post(url(name, score.pk, rule.pk), ACTIVITY).status_code == 404
        assert Rule.objects.exists()

    def test_of_a_score_that_is_gone_is_not_found(self, client):
        assert client.get(url("rule_add", 404, "activity")).status_code == 404

    @pytest.mark.parametrize("what", ["added", "changed", "deleted"])
    def test_when_it_is_saved_a_recalculation_is_asked_for(self, client, score, what):
        """It begins when the editor says so, so that five changes cost one recalculation."""
        rule = activity_rule(score)
        Score.objects.update(status="ready")
        data = {**ACTIVITY, "points": "3"}
        response = {
            "added": lambda: client.post(url("rule_add", score.pk, "activity"), data, follow=True),
            "changed": lambda: client.post(url("rule_edit", score.pk, rule.pk), data, follow=True),
            "deleted": lambda: client.post(url("rule_delete", score.pk, rule.pk), follow=True),
        }[what]()
        score.refresh_from_db()
        assert score.status == "recalculation_required"
        assert not Job.objects.exists()
        assert any("have to be recalculated" in text for text in messages_of(response))
        page = response.content.decode()
        assert url("recalculate", score.pk) in page
        assert url("recalculate_at", score.pk) in page

    def test_is_duplicated_by_a_form_that_begins_with_its_values(self, client, score):
        rule = activity_rule(score, name="R", points=7, max_points=70, per="value")
        activity_rule(score, name="R (copy)")
        assert f"?copy={rule.pk}" in client.get(url("inspect", score.pk)).content.decode()
        address = url("rule_add", score.pk, "activity") + f"?copy={rule.pk}"
        response = client.get(address)
        form = response.context["form"]
        assert (form["name"].value(), form["points"].value()) == ("R (copy 2)", 7)
        assert (form["max_points"].value(), form["per"].value()) == (70, "value")
        assert Rule.objects.count() == 2
        assert response.context["action_url"] == address
        client.post(address, {**ACTIVITY, "name": "R (copy 2)"})
        assert Rule.objects.filter(name="R (copy 2)", points=1).exists()

    @pytest.mark.parametrize("copy", ["0", "x", "9" * 30, "-1"])
    def test_of_an_unknown_rule_there_is_no_copy(self, client, score, copy):
        address = url("rule_add", score.pk, "activity") + f"?copy={copy}"
        assert client.get(address).context["form"]["name"].value() == ""

    def test_asks_before_it_is_deleted(self, client, score):
        rule = activity_rule(score)
        assert (
            "Delete this rule?"
            in client.get(url("rule_delete", score.pk, rule.pk)).content.decode()
        )
        assert Rule.objects.exists()


class TestTheSentenceOnThePage:
    """The page asks for it while the form is filled in; nothing is saved."""

    def ask(self, client, score, kind, **data):
        response = client.post(url("rule_sentence", score.pk, kind), data)
        return json.loads(response.content)["sentence"]

    def test_says_what_a_condition_would_do(self, client, score):
        assert self.ask(client, score, "condition", **CONDITION) == (
            "10 points when Country is one of “DE”, “AT” and "
            "(Job title contains “Director” or Licences is more than “100”)."
        )

    def test_says_what_the_rule_would_do_even_without_a_name(self, client, score):
        data = {**ATTRIBUTE, "name": ""}
        told = self.ask(client, score, "attribute", **data)
        assert told == "5 points when Job title contains “Director”."
        assert not Rule.objects.exists()

    def test_is_empty_while_something_is_wrong_or_missing(self, client, score):
        assert self.ask(client, score, "activity", **{**ACTIVITY, "points": ""}) == ""
        assert self.ask(client, score, "attribute") == ""

    def test_of_an_unknown_kind_is_not_found(self, client, score):
        assert client.post(url("rule_sentence", score.pk, "magic")).status_code == 404
