"""The daily search for submissions that are not on the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone
from wagtail.contrib.forms.models import FormSubmission

from tests.contacts.making import connect, make_form, submit
from tests.testapp.models import OwnSubmission
from wagtail_salesforce.contacts import reconcile as module
from wagtail_salesforce.contacts.models import (
    Activity,
    Attribute,
    Contact,
    FormConnection,
    LedgerEntry,
)
from wagtail_salesforce.contacts.reconcile import (
    Reconciled,
    missing,
    reconcile,
    submission_models,
)


pytestmark = pytest.mark.django_db


def unseen(page, number=1, model=FormSubmission, **data):
    """Submissions that got past the signal, as if the process had died before it."""
    rows = [
        model(page=page, form_data={"your_e_mail": f"v{index}@example.org", **data})
        for index in range(number)
    ]
    return model.objects.bulk_create(rows)


def test_every_submission_model_of_the_site_is_searched():
    assert set(submission_models()) >= {FormSubmission, OwnSubmission}
    for own in (False, True):
        page = make_form(f"form-{own}", own=own)
        connect(page)
        unseen(page, 2, OwnSubmission if own else FormSubmission)

    assert reconcile() == Reconciled(captured=4)
    assert reconcile() == Reconciled()
    assert Contact.objects.count() == 2
    assert Activity.objects.count() == 4


def test_large_numbers_are_taken_in_portions(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    page = make_form()
    connect(page)
    unseen(page, 5)
    submit(page, your_e_mail="w@example.org")

    assert len(list(missing())) == 5
    assert reconcile(limit=3) == Reconciled(captured=3, more=True)
    assert reconcile(limit=3) == Reconciled(captured=2)


def test_what_came_before_the_connection_is_not_taken():
    page = make_form()
    (early,) = unseen(page)
    FormSubmission.objects.update(submit_time=timezone.now() - timedelta(days=1))
    connect(page)
    unseen(page)

    assert reconcile() == Reconciled(captured=1)
    assert not LedgerEntry.objects.filter(submission_id=str(early.pk)).exists()


def test_connections_that_are_off_are_left_alone():
    page = make_form()
    connect(page)
    unseen(page)
    LedgerEntry.objects.create(
        submission_model="x.y", submission_id="1", page_id=page.pk, state="waiting"
    )
    FormConnection.objects.update(enabled=False)

    assert reconcile() == Reconciled()
    assert LedgerEntry.objects.get().state == "waiting"


def test_submissions_that_were_deleted_or_disconnected_meanwhile_are_settled():
    page = make_form()
    (submission,) = unseen(page)
    waiting = {"submission_model": "wagtailforms.formsubmission", "state": "waiting"}
    LedgerEntry.objects.create(submission_id=str(submission.pk), page_id=page.pk, **waiting)
    LedgerEntry.objects.create(submission_id="999999", page_id=page.pk, **waiting)
    LedgerEntry.objects.create(submission_model="gone.model", submission_id="1", state="waiting")

    assert reconcile() == Reconciled(refused=3)
    reasons = set(LedgerEntry.objects.values_list("reason", flat=True))
    assert reasons == {
        "The form is not connected any more.",
        "The submission was deleted before it was captured.",
    }


def test_one_bad_submission_does_not_stop_the_others(monkeypatch):
    page = make_form()
    connect(page)
    unseen(page, 3)
    original = Activity.objects.create

    def fail(**kwargs):
        if kwargs["contact"].email == "v1@example.org":
            raise RuntimeError
        return original(**kwargs)

    monkeypatch.setattr(Activity.objects, "create", fail)
    assert reconcile() == Reconciled(captured=2, waiting=1)
    assert reconcile() == Reconciled(waiting=1)
    assert LedgerEntry.objects.get(state="waiting").attempts == 2


def test_those_that_waited_in_vain_do_not_hold_up_the_others():
    page = make_form()
    connect(page)
    (submission,) = unseen(page)
    waiting = {"submission_model": "wagtailforms.formsubmission", "state": "waiting"}
    LedgerEntry.objects.create(submission_id="77777", attempts=9, page_id=page.pk, **waiting)
    LedgerEntry.objects.create(
        submission_id=str(submission.pk), attempts=1, page_id=page.pk, **waiting
    )
    unseen(page)
    assert reconcile(limit=1) == Reconciled(captured=2)


def test_numbers_mean_the_same_when_they_are_read_back():
    """A number field's 3.000 is three, also as the text that the database keeps."""
    Attribute.objects.create(name="weight", label="Weight", type="decimal")
    page = make_form(fields=[("Your e-mail", "email"), ("Weight", "number")])
    connect(page, {"your_e_mail": {"field": "email"}, "weight": {"attribute": "weight"}})
    submit(page, your_e_mail="now@example.org", weight="3.000")
    unseen(page, weight="3.000")
    reconcile()

    weights = [contact.attributes["weight"] for contact in Contact.objects.all()]
    assert weights == ["3.000", "3.000"]


def test_a_submission_in_two_tables_is_one():
    """Multi-table inheritance: the child's signal and the parent's row mean the same."""
    from wagtail_salesforce.contacts.ledger import Key, root_model

    class Child(FormSubmission):
        extra = models.CharField(max_length=10)

        class Meta:
            app_label = "testapp"
            managed = False

    class Proxy(OwnSubmission):
        class Meta:
            app_label = "testapp"
            proxy = True

    try:
        assert root_model(Child) is FormSubmission
        assert root_model(Proxy) is OwnSubmission
        assert not {Child, Proxy} & set(submission_models())
        assert Key.of(Child(pk=3, page_id=1)) == Key("wagtailforms.formsubmission", "3", 1)
    finally:
        from django.apps import apps

        del apps.all_models["testapp"]["child"], apps.all_models["testapp"]["proxy"]
        apps.clear_cache()
