"""Absurd numbers in addresses and forms; contacts that cannot go; what jobs keep."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db.models import PROTECT
from django.urls import reverse

from tests.admin.bulk import LIST, act, asked, url_of
from tests.admin.people import messages_of
from tests.cluster import work
from tests.contacts.making import connect, make_form
from tests.contacts.test_erase_remains import protecting
from wagtail_salesforce.admin import contacts_bulk, contacts_protected
from wagtail_salesforce.admin.numbers import LARGEST_ID, id_or_none
from wagtail_salesforce.contacts.models import Activity, Company, Contact, LedgerEntry
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.start import cancel
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db

__all__ = ["protecting"]

NINES = "9" * 5000
HUGE = str(10**30)
# Short ids, as a test's name stands in the environment.
NUMBERS = [NINES, HUGE, str(2**63), "²"]


@pytest.fixture
def client(admin_client):
    return admin_client


@pytest.fixture
def people():
    return [Contact.objects.create(email=f"{name}@example.org") for name in ("ada", "bob", "cy")]


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), (str(LARGEST_ID), LARGEST_ID), (5, 5), ("", None), ("-1", None)]
    + [(text, None) for text in NUMBERS],
    ids=range(6 + len(NUMBERS)),
)
def test_a_number_or_nothing(text, number):
    assert id_or_none(10**5000) is None
    assert id_or_none(text) == number


@pytest.mark.parametrize("number", NUMBERS, ids=["nines", "huge", "over", "square"])
class TestAbsurdNumbers:
    def test_in_searches_find_nobody(self, client, people, number):
        score = Score.objects.create(name="Sales")
        pages = [LIST, reverse("wagtail_salesforce_scores:contacts", args=[score.pk])]
        for url in [*pages, reverse("wagtail_salesforce_contacts:suggestions")]:
            assert client.get(url, {"q": f"#{number}"}).status_code == 200

    def test_named_in_forms_are_nobody(self, client, people, number):
        url = reverse("wagtail_salesforce_contacts:merge_choose", args=[people[0].pk])
        response = client.post(url, {"other": f"#{number}"[:254]})
        assert "other" in response.context["form"].errors

    def test_of_members_are_nobody(self, client, number):
        company = Company.objects.create(name="Engines")
        url = reverse("wagtail_salesforce_companies:inspect", args=[company.pk])
        assert client.get(url, {"member": number}).status_code == 200

    def test_in_bulk_actions_are_refused(self, client, people, number):
        url = f"/admin/bulk/wagtail_salesforce/contact/exclude/?id={number}"
        assert client.get(url).status_code == 400
        assert client.post(url, {"count": 1, "highest": 1}).status_code == 400

    def test_sent_by_the_bulk_page_are_asked_about_again(self, client, people, number):
        url = url_of("exclude")
        for name in ("count", "highest"):
            response = client.post(url, {**asked(client, url), name: number})
            assert response.status_code in (200, 302)

    def test_of_refused_submissions_take_none(self, client, number):
        connection = connect(make_form())
        LedgerEntry.objects.create(
            submission_model="wagtailforms.formsubmission",
            submission_id="1",
            page_id=connection.page_id,
            state="refused",
        )
        url = reverse("wagtail_salesforce_form_connections:take_refused", args=[connection.pk])
        response = client.post(url, {"entry": number}, follow=True)
        assert messages_of(response) == ["There was nothing left to take."]


def test_merging_with_an_absurd_number_is_told(client, people):
    ada = people[0]
    for numbers in (f"{ada.pk}/{HUGE}", f"{HUGE}/{ada.pk}", f"{HUGE}/{HUGE}"):
        for send in (client.get, client.post):
            response = send(f"{LIST}merge/{numbers}/", follow=True)
            assert response.status_code == 200
            assert messages_of(response)


class TestProtectedContacts:
    def test_are_named_by_their_number_of_a_bulk_action(self, client, people, protecting):
        protecting.add(people[1].pk)
        text = messages_of(act(client, url_of("erase")))
        assert text[0] == "2 contacts were erased."
        assert text[1].startswith("1 contact could not be erased: other records of the website")
        assert Contact.objects.get() == people[1]

    def test_do_not_fail_a_job(
        self, client, people, protecting, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(contacts_bulk, "DIRECTLY", 2)
        protecting.add(people[1].pk)
        with django_capture_on_commit_callbacks(execute=True):
            act(client, url_of("erase"))
        work()
        job = Job.objects.get()
        assert (job.state, job.counts["changed"], job.counts["protected"]) == ("finished", 2, 1)
        page = client.get(f"{LIST}job/{job.pk}/").content.decode()
        assert "could not be erased, as other records" in page

    def test_are_not_deleted_nor_merged_away(self, client, people, protecting):
        ada, bob, _cy = people
        protecting.add(bob.pk)
        delete = reverse("wagtail_salesforce_contacts:delete", args=[bob.pk])
        assert "could not be erased" in messages_of(client.post(delete, follow=True))[0]
        url = reverse("wagtail_salesforce_contacts:merge", args=[ada.pk, bob.pk])
        seen = client.get(url).context["seen"]
        response = client.post(url, seen, follow=True)
        assert "were not merged" in messages_of(response)[0]
        assert Contact.objects.count() == 3

    def test_the_message_names_what_protects_them(self, monkeypatch):
        orders = SimpleNamespace(_meta=SimpleNamespace(verbose_name_plural="orders"))
        relation = SimpleNamespace(related_model=orders, on_delete=PROTECT)
        contact = SimpleNamespace(_meta=SimpleNamespace(related_objects=[relation]))
        monkeypatch.setattr(contacts_protected, "Contact", contact)
        assert "protect them (orders)." in contacts_protected.protected_message(2)


class TestWhatWasTyped:
    @pytest.fixture
    def job(self, client, people, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(contacts_bulk, "DIRECTLY", 2)
        with django_capture_on_commit_callbacks(execute=True):
            act(client, url_of("add_activity"), type="form_submission", title="Met Ada Quux")
        return Job.objects.get()

    def test_goes_when_the_job_is_done(self, job):
        work()
        job.refresh_from_db()
        assert (job.state, job.parameters["values"]) == ("finished", {})
        assert Activity.objects.filter(title="Met Ada Quux").count() == 3

    def test_goes_when_it_is_cancelled(self, job):
        cancel(job)
        job.refresh_from_db()
        assert "Quux" not in str(job.parameters)
