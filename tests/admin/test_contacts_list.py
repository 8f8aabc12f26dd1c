"""Contacts → Contacts: the list with search, filters and order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.people import client_of
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Company, Contact, ContactStatus
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = pytest.mark.django_db

LIST = reverse("wagtail_salesforce_contacts:index")


@pytest.fixture
def client():
    return client_of("view_contact")


def shown(client, **parameters):
    """The names in the list, in its order."""
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    return [str(contact) for contact in response.context["object_list"]]


@pytest.fixture
def people():
    ada = Contact.objects.create(
        first_name="Ada", last_name="Lovelace", email="ada@engines.example", company_name="Engines"
    )
    grace = Contact.objects.create(
        first_name="Grace", last_name="Hopper", email="grace@navy.example", company_name="Navy"
    )
    alan = Contact.objects.create(
        first_name="Alan", last_name="Turing", email="alan@bletchley.example"
    )
    return {"ada": ada, "grace": grace, "alan": alan}


def give(contact, score, points):
    ScorePoints.objects.update_or_create(
        contact=contact, score=score, defaults={"points": points, "expires_at": None}
    )


class TestTheListShows:
    def test_the_newest_first(self, client, people):
        assert shown(client) == ["Alan Turing", "Grace Hopper", "Ada Lovelace"]

    def test_names_as_links_to_the_contacts_pages(self, client, people):
        page = client.get(LIST).content.decode()
        url = reverse("wagtail_salesforce_contacts:inspect", args=[people["ada"].pk])
        assert f'href="{url}"' in page

    def test_the_points_of_the_score_that_chooses_for_replication(self, client, people):
        first, used = Score.objects.create(name="A"), Score.objects.create(name="Z")
        settings = ReplicationSettings.load()
        settings.choose_score(used)
        settings.save()
        give(people["ada"], first, 11)
        give(people["ada"], used, 3000)
        page = client.get(LIST).content.decode()
        assert "3,000" in page
        assert ">11<" not in page

    def test_the_points_of_another_score_when_it_is_chosen(self, client, people):
        score = Score.objects.create(name="Fans", enabled=False)
        give(people["ada"], score, 77)
        assert ">77<" not in client.get(LIST).content.decode()
        assert ">77<" in client.get(LIST, {"score": score.pk}).content.decode()

    def test_where_the_lead_stands(self, client, people):
        LeadLink.objects.filter(contact=people["ada"]).update(state="suspended")
        assert "Suspended" in client.get(LIST).content.decode()

    def test_what_to_do_while_nobody_is_known(self, client):
        button = '<a class="button" href="/admin/salesforce/form-connections/">Connect a form</a>'
        page = client_of("view_contact", "add_formconnection").get(LIST).content.decode()
        assert "Nobody is known yet" in page
        assert button in page
        assert button not in client.get(LIST).content.decode()


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Lovelace", ["Ada Lovelace"]),
            ("lovel", ["Ada Lovelace"]),
            ("ada lovelace", ["Ada Lovelace"]),
            ("ada hopper", []),
            ("ENGINES", ["Ada Lovelace"]),
            ("grace@navy.example", ["Grace Hopper"]),
            ("GRACE@", ["Grace Hopper"]),
            ("@navy", []),
            ("bletchley", ["Alan Turing"]),
            ("100%", []),
            ("#999999999999999999999999", []),
        ],
    )
    def test_finds_by_name_address_and_company(self, client, people, text, found):
        assert shown(client, q=text) == found

    def test_finds_by_number(self, client, people):
        assert shown(client, q=f"#{people['ada'].pk}") == ["Ada Lovelace"]

    def test_a_nul_character_finds_everybody_and_breaks_nothing(self, client, people):
        assert len(shown(client, q="a\0b")) == 3


class TestFilters:
    def test_by_lead_state(self, client, people):
        LeadLink.objects.filter(contact=people["ada"]).update(state="suspended")
        LeadLink.objects.filter(contact=people["alan"]).update(state="replicated")
        assert shown(client, lead_state="suspended") == ["Ada Lovelace"]
        both = shown(client, lead_state=["suspended", "replicated"])
        assert both == ["Alan Turing", "Ada Lovelace"]

    @pytest.mark.parametrize(
        ("minimum", "found"),
        [
            ("3000", ["Ada Lovelace"]),
            ("3001", []),
            ("2999.5", ["Ada Lovelace"]),
            ("1", ["Ada Lovelace"]),
            ("0", ["Alan Turing", "Ada Lovelace"]),
            ("-5", ["Alan Turing", "Grace Hopper", "Ada Lovelace"]),
            ("9" * 30, []),
        ],
    )
    def test_by_points_of_a_score(self, client, people, minimum, found):
        """Without points counts as 0, as in replication."""
        score, other = Score.objects.create(name="Sales"), Score.objects.create(name="Other")
        give(people["ada"], score, 3000)
        give(people["grace"], score, -5)
        give(people["alan"], other, 9000)
        assert shown(client, score=score.pk, points=minimum) == found

    def test_by_points_while_there_is_no_score(self, client, people):
        assert shown(client, points="1") == []
        assert len(shown(client, points="0")) == 3

    @pytest.mark.parametrize(
        ("least", "most", "found"),
        [
            ("", "2999", ["Alan Turing", "Grace Hopper"]),
            ("", "0", ["Alan Turing", "Grace Hopper"]),
            ("", "-1", ["Grace Hopper"]),
            ("", "-5.5", []),
            ("1", "3000", ["Ada Lovelace"]),
            ("-10", "-1", ["Grace Hopper"]),
            ("-5", "0", ["Alan Turing", "Grace Hopper"]),
            ("5", "4", []),
            ("", "9" * 30, ["Alan Turing", "Grace Hopper", "Ada Lovelace"]),
        ],
    )
    def test_by_a_range_of_points(self, client, people, least, most, found):
        score = Score.objects.create(name="Sales")
        give(people["ada"], score, 3000)
        give(people["grace"], score, -5)
        assert shown(client, score=score.pk, points=least, points_most=most) == found

    @pytest.mark.parametrize(("least", "most"), [("1", ""), ("", "10"), ("0", ""), ("-9", "9")])
    def test_expired_points_are_in_no_range(self, client, people, least, most):
        score = Score.objects.create(name="Sales")
        past = timezone.now() - timedelta(minutes=1)
        ScorePoints.objects.create(contact=people["ada"], score=score, points=5, expires_at=past)
        assert "Ada Lovelace" not in shown(client, points=least, points_most=most)

    def test_by_status(self, client, people):
        assert "status" not in client.get(LIST).context["filters"].filters
        for name in ("Prospect", "Customer"):
            ContactStatus.objects.create(name=name)
        Contact.objects.filter(pk=people["ada"].pk).update(status="Customer")
        assert shown(client, status="Customer") == ["Ada Lovelace"]
        assert shown(client, status="Prospect") == []
        assert len(shown(client, status="Nonsense")) == 3
        assert "Customer" in client.get(LIST).content.decode()

    @pytest.mark.parametrize("text", ["Engines", "Eng", "engines", "ENG", " eng "])
    def test_by_company_name(self, client, people, text):
        assert shown(client, company=text) == ["Ada Lovelace"]

    @pytest.mark.parametrize("text", ["gines", "Engines Ltd", "%"])
    def test_by_a_company_name_that_nobody_has(self, client, people, text):
        assert shown(client, company=text) == []

    @pytest.mark.parametrize("place", ["member", "primary", "secondary"])
    def test_by_a_company_that_one_belongs_to(self, client, people, place):
        company = Company.objects.create(name="Royal Society")
        if place == "member":
            company.members.add(people["alan"])
        else:
            setattr(company, f"{place}_contact", people["alan"])
            company.save()
        assert shown(client, company="royal") == ["Alan Turing"]
        assert shown(client, company="Engines") == ["Ada Lovelace"]

    def test_by_consent(self, client, people):
        """Replication takes nothing but a yes for consent."""
        assert "consent" not in client.get(LIST).context["filters"].filters
        ReplicationSettings.load()
        ReplicationSettings.objects.update(consent_attribute="news")
        for name, value in (("ada", True), ("grace", False)):
            Contact.objects.filter(pk=people[name].pk).update(attributes={"news": value})
        assert shown(client, consent="given") == ["Ada Lovelace"]
        assert shown(client, consent="missing") == ["Alan Turing", "Grace Hopper"]
        assert len(shown(client)) == 3

    def test_by_day_of_creation(self, client, people):
        day = timezone.localdate() - timedelta(days=10)
        Contact.objects.filter(pk=people["ada"].pk).update(
            created_at=timezone.now() - timedelta(days=10)
        )
        assert shown(client, created_at_from=day, created_at_to=day) == ["Ada Lovelace"]

    def test_by_last_activity(self, client, people):
        capture(email="ada@engines.example", title="Came by")
        assert shown(client, last_activity_at_from=timezone.localdate()) == ["Ada Lovelace"]

    def test_nonsense_filters_nothing_and_says_so(self, client, people):
        response = client.get(LIST, {"points": "many", "score": "x"})
        assert response.status_code == 200
        assert len(response.context["object_list"]) == 3
        assert "Enter a number." in response.content.decode()


class TestOrder:
    def test_by_name(self, client, people):
        Contact.objects.create(first_name="Byron", last_name="Lovelace")
        expected = ["Grace Hopper", "Ada Lovelace", "Byron Lovelace", "Alan Turing"]
        assert shown(client, ordering="last_name") == expected
        assert shown(client, ordering="-last_name") == expected[::-1]

    def test_by_last_activity_with_the_inactive_at_the_end(self, client, people):
        capture(email="ada@engines.example", title="Came by")
        assert shown(client, ordering="-last_activity_at")[0] == "Ada Lovelace"

    def test_an_unknown_order_is_the_usual_one(self, client, people):
        assert shown(client, ordering="password")[0] == "Alan Turing"


def statements(client, **parameters):
    with CaptureQueriesContext(connection) as found:
        assert client.get(LIST, parameters).status_code == 200
    return len(found)


def test_the_number_of_statements_does_not_grow(client, people):
    score = Score.objects.create(name="Sales")
    for contact in people.values():
        give(contact, score, 5)
    client.get(LIST)
    few = statements(client)
    for number in range(22):
        give(Contact.objects.create(email=f"p{number}@example.org"), score, number)
    assert statements(client) == few
    assert few <= 15
