"""Merging two contacts by hand."""

from __future__ import annotations

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact


pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_of("view_contact", "merge_contact")


@pytest.fixture
def ada():
    return Contact.objects.create(
        email="ada@engines.example", last_name="Lovelace", city="London", attributes={"size": 5}
    )


@pytest.fixture
def countess():
    Attribute.objects.create(name="size", label="Size", type="integer")
    contact = Contact.objects.create(
        email="countess@engines.example", last_name="King", job_title="Countess"
    )
    Contact.objects.filter(pk=contact.pk).update(attributes={"size": 9})
    Activity.objects.create(contact=contact, type="form_submission", title="Quote")
    return Contact.objects.get(pk=contact.pk)


def choose_url(contact):
    return reverse("wagtail_salesforce_contacts:merge_choose", args=[contact.pk])


def merge_url(survivor, other):
    return reverse("wagtail_salesforce_contacts:merge", args=[survivor.pk, other.pk])


def page_url(contact):
    return reverse("wagtail_salesforce_contacts:inspect", args=[contact.pk])


def seen(client, survivor, other):
    return dict(client.get(merge_url(survivor, other)).context["seen"])


def merge(client, survivor, other, **data):
    hidden = seen(client, survivor, other)
    return client.post(merge_url(survivor, other), {**hidden, **data}, follow=True)


class TestChoosing:
    def test_leads_to_the_preview(self, client, ada, countess):
        response = client.post(choose_url(ada), {"other": "COUNTESS@engines.example"})
        assert response.url == merge_url(ada, countess)

    def test_refuses_the_contact_itself(self, client, ada):
        response = client.post(choose_url(ada), {"other": ada.email})
        assert "merged into itself" in str(response.context["form"].errors["other"])

    @pytest.mark.parametrize("text", ["", "nobody@example.org", "#0", "Lovelace"])
    def test_refuses_who_is_not_known(self, client, ada, text):
        assert client.post(choose_url(ada), {"other": text}).context["form"].errors["other"]

    def test_of_a_contact_that_is_gone(self, client, ada):
        url = choose_url(ada)
        ada.delete()
        assert client.get(url).status_code == 404


class TestThePreview:
    def test_shows_both_side_by_side(self, client, ada, countess):
        response = client.get(merge_url(ada, countess))
        rows = {row.name: row for row in response.context["preview"].rows}
        assert (rows["last_name"].survivor, rows["last_name"].other) == ("Lovelace", "King")
        page = response.content.decode()
        assert '<input type="radio" name="keep-last_name" value="survivor" checked>' in page
        assert 'name="keep-attributes.size"' in page
        assert 'name="keep-city"' not in page
        assert "1 activity of the other contact comes along." in page

    def test_can_be_turned_round(self, client, ada, countess):
        page = client.get(merge_url(ada, countess)).content.decode()
        assert f'href="{merge_url(countess, ada)}"' in page
        assert client.get(merge_url(countess, ada)).context["preview"].survivor == countess

    def test_changes_nothing(self, client, ada, countess):
        before = list(Contact.objects.values())
        client.get(merge_url(ada, countess))
        assert list(Contact.objects.values()) == before

    def test_of_a_contact_with_itself_is_refused(self, client, ada):
        for method in (client.get, client.post):
            response = method(merge_url(ada, ada), follow=True)
            assert "merged into itself" in messages_of(response)[0]
            assert response.redirect_chain[0][0] == page_url(ada)

    def test_of_one_that_is_gone_says_so(self, client, ada, countess):
        url = merge_url(ada, countess)
        countess.delete()
        response = client.get(url, follow=True)
        assert response.redirect_chain[0][0] == page_url(ada)
        assert "no longer exists" in messages_of(response)[0]

    def test_of_two_that_are_gone_leads_to_the_list(self, client, ada, countess):
        url = merge_url(ada, countess)
        Contact.objects.all().delete()
        assert client.get(url).url == reverse("wagtail_salesforce_contacts:index")


class TestMerging:
    def test_makes_one_of_two(self, client, ada, countess):
        response = merge(client, ada, countess)
        assert messages_of(response) == ["The two contacts are one now."]
        assert response.redirect_chain[-1][0] == page_url(ada)
        (left,) = Contact.objects.all()
        assert (left.pk, left.last_name, left.job_title) == (ada.pk, "Lovelace", "Countess")
        assert left.attributes == {"size": 5}
        assert left.activities.get().title == "Quote"

    def test_takes_the_values_that_were_chosen(self, client, ada, countess):
        choices = {"keep-last_name": "other", "keep-attributes.size": "other"}
        merge(client, ada, countess, **choices, **{"keep-email": "survivor"})
        left = Contact.objects.get()
        assert (left.last_name, left.email) == ("King", "ada@engines.example")
        assert left.attributes == {"size": 9}

    def test_keeps_whom_the_editor_chose(self, client, ada, countess):
        merge(client, countess, ada)
        assert Contact.objects.get().pk == countess.pk

    def test_refuses_a_choice_that_is_none(self, client, ada, countess):
        response = merge(client, ada, countess, **{"keep-last_name": "both"})
        assert messages_of(response)
        assert Contact.objects.count() == 2

    def test_is_not_done_when_one_is_gone_meanwhile(self, client, ada, countess):
        hidden = seen(client, ada, countess)
        url = merge_url(ada, countess)
        countess.delete()
        response = client.post(url, hidden, follow=True)
        assert "no longer exists" in messages_of(response)[0]
        assert Contact.objects.get() == ada

    @pytest.mark.parametrize("who", ["ada", "countess"])
    def test_shows_the_preview_again_when_one_has_changed(self, client, ada, countess, who):
        hidden = seen(client, ada, countess)
        changed = {"ada": ada, "countess": countess}[who]
        changed.job_title = "Mathematician"
        changed.save()
        response = client.post(merge_url(ada, countess), hidden)
        assert response.status_code == 200
        assert "has changed since you looked" in messages_of(response)[0]
        assert "Mathematician" in response.content.decode()
        assert Contact.objects.count() == 2
        assert client.post(merge_url(ada, countess), response.context["seen"]).status_code == 302
        assert Contact.objects.count() == 1

    @pytest.mark.parametrize("hidden", [{}, {"survivor_seen": "x", "other_seen": ""}])
    def test_is_not_done_without_having_looked(self, client, ada, countess, hidden):
        assert client.post(merge_url(ada, countess), hidden).status_code == 200
        assert Contact.objects.count() == 2

    def test_is_logged_by_numbers(self, client, ada, countess):
        number = countess.pk
        merge(client, ada, countess)
        entry = ModelLogEntry.objects.get(action="wagtail_salesforce.merge")
        assert (entry.object_id, entry.label) == (str(ada.pk), f"#{ada.pk}")
        assert entry.data == {"merged_contact_id": number}
