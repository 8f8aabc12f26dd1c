"""Erasing: what is kept in files, waiting visits and jobs; and what protects a contact."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db.models import ProtectedError
from django.db.models.signals import pre_delete
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.contacts.importing_files import imported, run, uploaded
from tests.contacts.test_erase import traces
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.erase import Erased, erase
from wagtail_salesforce.contacts.importing import files
from wagtail_salesforce.contacts.importing.addresses import names
from wagtail_salesforce.contacts.importing.work import start_import
from wagtail_salesforce.contacts.models import (
    Contact,
    ImportPiece,
    ImportRefusal,
    VisitBuffer,
    Visitor,
)
from wagtail_salesforce.contacts.person_export import export_person
from wagtail_salesforce.contacts.visits_batch import move_visits
from wagtail_salesforce.jobs.run import run_job


pytestmark = pytest.mark.django_db(transaction=True)

ADA = "ada.quux@example.org"


@pytest.fixture
def ada():
    return Contact.objects.create(email=ADA)


class TestImportFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
    def test_that_name_the_person_are_deleted(self, ada, encoding):
        text = "email,last_name\nbob@example.org,Böb\n Ada.Quux@Example.org ,Lövelace\n"
        files.store("people.csv", [text.encode(encoding)])
        erase([ada.pk])
        assert not ImportPiece.objects.exists()
        assert traces() == set()

    def test_and_their_refused_rows(self, ada):
        contact_import = imported(f"email,city\n{ADA},York,Londonquux,more\nbob@example.org,York\n")
        assert ImportRefusal.objects.exists()
        erase([ada.pk])
        assert traces() == set()
        contact_import.refresh_from_db()
        assert contact_import.forgotten_at is not None

    def test_of_others_stay(self, ada):
        uploaded("email\nmada.quux@example.org\nada.quux@example.org.uk\n")
        erase([ada.pk])
        assert ImportPiece.objects.exists()

    @pytest.mark.parametrize(
        "address", ["ada@münchen.example", "äda@example.org", "o'brien@example.org"]
    )
    def test_are_found_by_unusual_addresses(self, address):
        contact = Contact.objects.create(email=address)
        uploaded(f"email\n{address.upper()}\n")
        erase([contact.pk])
        assert not ImportPiece.objects.exists()

    def test_are_found_where_two_pieces_meet(self, ada, monkeypatch):
        monkeypatch.setattr(files, "PIECE", 16)
        files.store("people.csv", [b"email,name\nbob@example.org,Bob\nada.quux@example.org,Ada\n"])
        assert ImportPiece.objects.count() > 3
        ada.delete()
        assert not ImportPiece.objects.exists()

    def test_under_way_stop_and_make_nobody_again(self, ada):
        contact_import = uploaded(f"email\n{ADA}\n")
        job = start_import(contact_import, dry_run=False, queue=False)
        erase([ada.pk])
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.reason) == ("failed", "file_missing")
        assert not Contact.objects.exists()

    @given(st.emails())
    def test_an_address_is_found_whatever_it_is(self, address):
        cell = f'x,"{address.upper()}",y' if '"' not in address else address.replace('"', '""')
        assert names({email_key(address.upper())}, cell)


class TestOldFiles:
    @pytest.mark.parametrize("state", ["cancelled", "failed", "waiting"])
    def test_go_whatever_became_of_their_job(self, state):
        from wagtail_salesforce.jobs.models import Job
        from wagtail_salesforce.replication.tasks import reconcile_daily

        uploaded("email\na@example.org\n")
        Job.objects.update(state=state)
        now = timezone.now()
        with time_machine.travel(now + files.KEPT - timedelta(minutes=1)):
            reconcile_daily()
        assert ImportPiece.objects.exists()
        with time_machine.travel(now + files.KEPT + timedelta(minutes=1)):
            reconcile_daily()
        assert not ImportPiece.objects.exists()


class TestWaitingVisits:
    def test_of_the_account_make_nobody_again(self, ada):
        ada.user = get_user_model().objects.create_user("ada", ADA)
        ada.save()
        _visit("new", str(ada.user.pk))
        _visit("new", "")
        Visitor.objects.create(key="bob", contact=Contact.objects.create(email="bob@example.org"))
        _visit("bob", str(ada.user.pk))
        _visit("bob", "")
        erase([ada.pk])
        assert VisitBuffer.objects.values_list("key", "user_pk").get() == ("bob", "")
        move_visits()
        assert Contact.objects.get().email == "bob@example.org"


def _visit(key, user_pk):
    VisitBuffer.objects.create(
        key=key, user_pk=user_pk, page_id=1, url="/quux/", occurred_at=timezone.now()
    )


class TestTheExportOfOnePerson:
    def test_has_what_waits(self, ada, monkeypatch):
        from tests.contacts.test_erase import _fail_to_capture

        _fail_to_capture(monkeypatch)
        Visitor.objects.create(key="hers", contact=ada)
        _visit("hers", "")
        _visit("other", "")
        run(uploaded(f"email,city\n{ADA.upper()},York,too,many\nbob@example.org,a,b,c\n"))
        document = export_person(ada)
        [call] = document["submissions"]
        assert (call["source"], call["state"]) == ("capture", "waiting")
        assert call["data"]["title"] == "Laterquux"
        [visit] = document["waiting_visits"]
        assert (visit["cookie_hash"], visit["address"]) == ("hers", "/quux/")
        [row] = document["refused_import_rows"]
        assert row["cells"] == [ADA.upper(), "York", "too", "many"]


@pytest.fixture
def protecting():
    """A site's own records that protect some contacts; the numbers of these."""
    numbers = set()

    def refuse(instance, **kwargs):
        if instance.pk in numbers:
            raise ProtectedError("An order refers to it.", set())

    pre_delete.connect(refuse, sender=Contact)
    yield numbers
    pre_delete.disconnect(refuse, sender=Contact)


class TestProtectedContacts:
    def test_stay_whole_and_are_counted(self, protecting):
        people = [Contact.objects.create(email=f"{n}@example.org") for n in range(9)]
        protecting |= {people[2].pk, people[7].pk}
        Visitor.objects.create(key="k", contact=people[2])
        assert erase([each.pk for each in people]) == Erased(contacts=7, protected=2)
        assert set(Contact.objects.values_list("pk", flat=True)) == protecting
        assert Visitor.objects.exists()
