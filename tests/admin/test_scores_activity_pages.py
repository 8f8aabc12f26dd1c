"""Activity rules: on which forms and pages, and what the activity itself is like."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.admin.rule_form import ACTIVITY, activity_rule, add, make_score, told, url
from tests.forms_site import form_page
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.scoring.models import Rule


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def score():
    return make_score()


def form_of(client, rule):
    return client.get(url("rule_edit", rule.score_id, rule.pk)).context["form"]


def pages_shown(form):
    return {name: form[name].value() for name in ("pages", "other_pages", "gone_pages")}


class TestPages:
    def test_forms_are_offered_by_the_names_of_their_connections(self, client, score):
        quote, contact, same = form_page("quote"), form_page("contact"), form_page("same")
        FormConnection.objects.create(name="Quote requests", page_id=quote.pk)
        FormConnection.objects.create(name="Same", page_id=same.pk)
        form = client.get(url("rule_add", score.pk, "activity")).context["form"]
        assert dict(form.fields["pages"].choices) == {
            quote.pk: "Quote requests (on the page Quote)",
            contact.pk: "Contact (not connected yet)",
            same.pk: "Same",
        }

    def test_several_pages_are_chosen(self, client, score):
        first, second = form_page("first"), form_page("second")
        add(client, score, "activity", activity_type="page_visit",
            other_pages=[second.pk, first.pk, second.pk, ""])  # fmt: skip
        rule = Rule.objects.get()
        assert rule.activity_tests == {"pages": [second.pk, first.pk]}
        shown = pages_shown(form_of(client, rule))
        assert shown == {"pages": [], "other_pages": [second.pk, first.pk], "gone_pages": []}

    @pytest.mark.parametrize(
        ("kind", "kept"),
        [
            ("form_submission", ["ticked"]),
            ("page_visit", ["chosen"]),
            ("purchase", ["ticked", "chosen"]),
        ],
    )
    def test_only_what_matters_to_the_activity_is_kept(self, client, score, kind, kept):
        pages = {"ticked": form_page("ticked").pk, "chosen": form_page("chosen").pk}
        add(client, score, "activity", activity_type=kind, pages=[pages["ticked"]],
            other_pages=[pages["chosen"]])  # fmt: skip
        assert Rule.objects.get().activity_tests == {"pages": [pages[name] for name in kept]}

    def test_that_are_gone_stay_until_somebody_unticks_them(self, client, score):
        rule = activity_rule(score, activity_tests={"pages": [4711]})
        form = form_of(client, rule)
        assert form.fields["gone_pages"].choices == [(4711, "The page number 4711")]
        assert pages_shown(form)["gone_pages"] == [4711]
        address = url("rule_edit", score.pk, rule.pk)
        client.post(address, {**ACTIVITY, "name": "R", "gone_pages": ["4711"]})
        rule.refresh_from_db()
        assert rule.activity_tests == {"pages": [4711]}
        client.post(address, {**ACTIVITY, "name": "R"})
        rule.refresh_from_db()
        assert rule.activity_tests == {}

    def test_another_page_is_asked_for_without_saving_or_losing_anything(self, client, score):
        page = form_page("first")
        response = add(
            client, score, "activity", activity_type="page_visit", other_pages=[page.pk],
            points="77", value_test="number:greater", value_value="5", edit="add-page",
        )  # fmt: skip
        assert response.status_code == 200
        assert not Rule.objects.exists()
        form = response.context["form"]
        assert form["other_pages"].value() == [str(page.pk)]
        assert (form["points"].value(), form["value_value"].value()) == ("77", "5")
        assert (form["activity_type"].value(), form["recurring"].value()) == ("page_visit", "true")
        # The chosen page and an empty chooser for the next one.
        assert response.content.decode().count('name="other_pages"') == 2


class TestTests:
    def test_are_kept_and_shown_again(self, client, score):
        add(
            client, score, "activity",
            value_test="number:between", value_value="10\n20",
            title_test="text:in_list", title_value="Order\nQuote",
            campaign_test="text:is_empty", campaign_value="ignored",
            time_test="date:greater", time_value="2027-01-01T08:00",
        )  # fmt: skip
        rule = Rule.objects.get()
        assert rule.activity_tests == {
            "value": {"test": "between", "value": ["10", "20"]},
            "title": {"test": "in_list", "value": ["Order", "Quote"]},
            "campaign": {"test": "is_empty", "value": ""},
            "time": {"test": "greater", "value": "2027-01-01T08:00:00+00:00"},
        }
        form = form_of(client, rule)
        assert form["value_test"].value() == "number:between"
        assert form["value_value"].value() == "10\n20"
        assert form["time_value"].value() == "2027-01-01T08:00"

    def test_from_documents_are_kept(self, client, score):
        tests = {"value": {"test": "greater", "value": "10"}}
        rule = activity_rule(score, activity_tests=tests)
        form = form_of(client, rule)
        values = {name: form[name].value() for name in ("value_test", "value_value")}
        client.post(url("rule_edit", score.pk, rule.pk), {**ACTIVITY, "name": "R", **values})
        rule.refresh_from_db()
        assert rule.activity_tests == tests
        assert "only when the value is more than “10”" in told(rule)

    @pytest.mark.parametrize("broken", [[], {"value": "x"}, {"pages": "x"}, {"value": {"test": 5}}])
    def test_that_are_broken_do_not_break_the_page(self, client, score, broken):
        rule = activity_rule(score, activity_tests=broken)
        assert client.get(url("rule_edit", score.pk, rule.pk)).status_code == 200
        assert client.get(url("inspect", score.pk)).context["broken_count"] == 1
