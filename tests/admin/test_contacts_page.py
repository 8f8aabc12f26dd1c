"""A contact's page: details, companies, activities, points with reasons, the lead."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.people import client_of
from tests.forms_site import form_page
from wagtail_salesforce.admin.companies_membership import Standing, save_member
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Activity, Attribute, Company, Contact
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def client():
    return client_of("view_contact")


@pytest.fixture
def ada():
    return Contact.objects.create(email="ada@engines.example", last_name="Lovelace")


def response_of(client, contact, **parameters):
    url = reverse("wagtail_salesforce_contacts:inspect", args=[contact.pk])
    response = client.get(url, parameters)
    assert response.status_code == 200
    return response


def page_of(client, contact, **parameters):
    return response_of(client, contact, **parameters).content.decode()


def details(response):
    return {
        detail.label: detail.value
        for section in response.context["sections"]
        for detail in section.details
    }


class TestDetails:
    def test_show_what_is_known_and_nothing_empty(self, client):
        contact = Contact.objects.create(
            last_name="Müller", email="a@b.example", country="DE", state="BY", birthday="1990-05-01"
        )
        assert details(response_of(client, contact)) == {
            "Last name": "Müller",
            "E-mail": "a@b.example",
            "Country": "Germany",
            "State or region": "Bayern",
            "Birthday": "1 May 1990",
        }

    def test_show_attributes_in_words(self, client, ada):
        values = {
            "licences": ("integer", 3000),
            "budget": ("decimal", "1250.50"),
            "consent": ("boolean", False),
            "renewal": ("date", "2027-02-28"),
            "called": ("datetime", "2026-07-01T08:00:00+00:00"),
        }
        for name, (kind, value) in values.items():
            Attribute.objects.create(name=name, label=name.capitalize(), type=kind)
            ada.attributes[name] = value
        ada.save()
        shown = details(response_of(client, ada))
        assert shown["Licences"] == "3,000"
        assert shown["Budget"] == "1,250.5"
        assert shown["Consent"] == "No"
        assert shown["Renewal"] == "28 February 2027" or shown["Renewal"] == "28 Feb 2027"
        assert "9 a.m." in shown["Called"]

    def test_count_browsers_only_when_there_are_any(self, client, ada):
        assert "Recognised in" not in page_of(client, ada)
        for key in ("a", "b"):
            ada.visitors.create(key=key)
        assert "Recognised in 2 browsers." in page_of(client, ada)

    def test_show_what_visitors_typed_as_text(self, client):
        contact = Contact.objects.create(last_name=SCRIPT, notes=f"{SCRIPT}\nsecond")
        capture(email="x@y.example", title=SCRIPT)
        Activity.objects.create(contact=contact, type="purchase", title=SCRIPT, comment=SCRIPT)
        assert SCRIPT not in page_of(client, contact)


class TestCompanies:
    def test_show_role_and_standing(self, client, ada):
        engines, navy = Company.objects.create(name="Engines"), Company.objects.create(name="Navy")
        save_member(engines, ada, "Research", Standing.PRIMARY)
        save_member(navy, ada, "", Standing.ORDINARY)
        first, second = response_of(client, ada).context["companies"]
        assert (first.name, first.role, first.standing) == (
            "Engines",
            "Research",
            "Primary contact",
        )
        assert (second.name, second.role, second.standing) == ("Navy", "", "")

    def test_are_links_for_those_who_may_open_companies(self, ada):
        company = Company.objects.create(name="Engines", secondary_contact=ada)
        url = reverse("wagtail_salesforce_companies:inspect", args=[company.pk])
        assert url not in page_of(client_of("view_contact"), ada)
        assert url in page_of(client_of("view_contact", "view_company"), ada)


class TestActivities:
    def test_are_shown_newest_first_with_their_words(self, client, ada):
        page = form_page("quote")
        capture(email=ada.email, activity="form_submission", title="Contact us")
        Activity.objects.create(
            contact=ada,
            type="licence_bought",
            value="3000.5000",
            page_id=page.pk,
            comment="Notes was shortened.",
        )
        first, second = response_of(client, ada).context["events"]
        assert (first.type_label, first.value, first.page_title) == (
            "licence_bought",
            "3,000.5",
            "Quote",
        )
        assert (second.activity.title, second.type_label) == ("Contact us", "Form submission")
        assert "Notes was shortened." in page_of(client, ada)

    def test_come_twenty_at_a_time(self, client, ada):
        for number in range(45):
            Activity.objects.create(contact=ada, type="visit", title=f"Visit {number}")
        assert len(response_of(client, ada).context["events"]) == 20
        last = response_of(client, ada, p=3).context["events"]
        assert [event.activity.title for event in last][-1] == "Visit 0"
        assert "?p=2" in page_of(client, ada)

    def test_of_nobody_else_are_shown(self, client, ada):
        capture(email="grace@navy.example", title="Grace came by")
        assert "Grace came by" not in page_of(client, ada)
        assert "has not done anything yet" in page_of(client, ada)


class TestPoints:
    @pytest.fixture
    def score(self):
        score = Score.objects.create(name="Sales ready")
        Rule.objects.create(
            score=score,
            name="Licences",
            kind="activity",
            activity_type="purchase",
            per="value",
            points=1,
        )
        Rule.objects.create(
            score=score,
            name="Boss",
            kind="attribute",
            source="field",
            field="job_title",
            test="contains",
            value="Director",
            points=5,
        )
        return score

    def test_come_with_their_reasons(self, client, ada, score):
        capture(email=ada.email, activity="purchase", value=3000, job_title="Director")
        (shown,) = response_of(client, ada).context["scores"]
        assert (shown.score, shown.points) == (score, 3005)
        assert [(reason.rule, reason.points) for reason in shown.reasons] == [
            ("Licences", 3000),
            ("Boss", 5),
        ]
        page = page_of(client, ada)
        assert "3,005" in page
        assert "Job title contains “Director”." in page

    def test_of_the_score_in_use_come_first(self, client, ada, score):
        used = Score.objects.create(name="Z in use")
        assert response_of(client, ada).context["scores"][0].score == score
        settings = ReplicationSettings.load()
        settings.choose_score(used)
        settings.save()
        assert response_of(client, ada).context["scores"][0].score == used

    def test_come_highest_first_after_the_score_in_use(self, client, ada):
        scores = [Score.objects.create(name=name) for name in ("A used", "B low", "C high")]
        for score, points in zip(scores, (1, 2, 3), strict=True):
            ScorePoints.objects.create(contact=ada, score=score, points=points)
        shown = response_of(client, ada).context["scores"]
        assert [item.score.name for item in shown] == ["A used", "C high", "B low"]

    def test_of_scores_that_are_off_are_not_shown(self, client, ada, score):
        Score.objects.filter(pk=score.pk).update(enabled=False)
        assert response_of(client, ada).context["scores"] == []

    def test_that_may_be_old_are_marked(self, client, ada, score):
        assert "The points shown are the old ones" in page_of(client, ada)
        Score.objects.update(status="ready")
        assert "The points shown are the old ones" not in page_of(client, ada)


class TestTheLead:
    def test_is_shown_with_what_is_the_matter(self, client, ada):
        LeadLink.objects.filter(contact=ada).update(
            state="suspended", last_error_code="REQUIRED_FIELD_MISSING"
        )
        page = page_of(client, ada)
        assert "Lead in Salesforce" in page
        assert "Salesforce asks for a field that is empty" in page

    def test_can_be_acted_on_by_those_who_may(self, ada):
        assert "Exclude" not in page_of(client_of("view_contact"), ada)
        assert "Exclude" in page_of(client_of("view_contact", "replicate_contact"), ada)


def test_buttons_are_there_for_those_who_may(ada):
    edit = reverse("wagtail_salesforce_contacts:edit", args=[ada.pk])
    erase = "/bulk/wagtail_salesforce/contact/erase/"
    seen = page_of(client_of("view_contact"), ada)
    assert edit not in seen
    assert erase not in seen
    everything = page_of(client_of("view_contact", "change_contact", "erase_contact"), ada)
    assert edit in everything
    assert erase in everything


def test_links_from_elsewhere_lead_to_the_page(ada):
    from wagtail.admin.admin_url_finder import AdminURLFinder

    from tests.admin.people import person

    url = reverse("wagtail_salesforce_contacts:inspect", args=[ada.pk])
    assert AdminURLFinder(person("view_contact")).get_edit_url(ada) == url
    assert AdminURLFinder(person("add_contact", "change_company")).get_edit_url(ada) is None


def test_the_number_of_statements_does_not_grow(client, ada):
    score = Score.objects.create(name="Sales ready")
    Rule.objects.create(
        score=score, name="Any", kind="activity", activity_type="purchase", points=1
    )
    capture(email=ada.email, activity="purchase", title="First")
    save_member(Company.objects.create(name="A"), ada, "", Standing.ORDINARY)
    page_of(client, ada)
    with CaptureQueriesContext(connection) as few:
        page_of(client, ada)
    for number in range(15):
        capture(email=ada.email, activity="purchase", title=f"{number}")
        save_member(Company.objects.create(name=f"B{number}"), ada, "", Standing.ORDINARY)
    with CaptureQueriesContext(connection) as many:
        page_of(client, ada)
    assert len(many) == len(few)
    assert len(few) <= 30
