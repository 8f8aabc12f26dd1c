"""A job's progress in the admin: who sees it, stops it and repeats it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from wagtail_salesforce.jobs import start
from wagtail_salesforce.jobs.models import Job


pytestmark = pytest.mark.django_db


def make_user(name, *codenames):
    user = User.objects.create_user(name, password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return user


@pytest.fixture
def job(counting):
    return start("count", {"to": 5}, total=5)


def test_the_fragment_says_how_far_it_is(client, job):
    client.force_login(make_user("editor", "view_run"))
    Job.objects.filter(pk=job.pk).update(state="running", done=2, counts={"counted": 2})
    html = client.get(reverse("wagtail_salesforce:job", args=[job.pk])).content.decode()
    assert 'value="40"' in html
    assert "2 of 5 done." in html
    assert "2 counted" in html
    assert "Cancel" in html


def test_who_started_it_sees_it_but_needs_the_permission_to_act(client, job):
    user = make_user("editor")
    Job.objects.filter(pk=job.pk).update(started_by=user)
    client.force_login(user)
    html = client.get(reverse("wagtail_salesforce:job", args=[job.pk])).content.decode()
    assert "It begins as soon as" in html
    assert "Cancel" not in html
    client.post(reverse("wagtail_salesforce:job_cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "waiting"


def test_the_permission_of_the_kind_is_enough_to_stop_it(client, job):
    user = make_user("editor", "view_run")
    client.force_login(user)
    url = reverse("wagtail_salesforce:job_cancel", args=[job.pk])
    assert client.get(url).status_code == 405
    response = client.post(url, {"next": "/admin/reports/"})
    assert response.url == "/admin/reports/"
    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.parametrize("name", ["job", "job_cancel", "job_retry"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_may(client, job, name, method):
    client.force_login(make_user("stranger"))
    response = getattr(client, method)(reverse(f"wagtail_salesforce:{name}", args=[job.pk]))
    assert response.status_code == 302
    job.refresh_from_db()
    assert job.state == "waiting"


def test_a_failed_one_says_why_and_is_repeated(client, job):
    client.force_login(make_user("editor", "view_run"))
    Job.objects.filter(pk=job.pk).update(state="failed", reason="ZeroDivisionError", done=2)
    html = client.get(reverse("wagtail_salesforce:job", args=[job.pk])).content.decode()
    assert "It stopped after 2." in html
    assert "ZeroDivisionError" in html
    client.post(reverse("wagtail_salesforce:job_retry", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "waiting"


def test_a_named_reason_comes_with_its_cure(client, job):
    client.force_login(make_user("editor", "view_run"))
    Job.objects.filter(pk=job.pk).update(state="failed", reason="not_authorized")
    html = client.get(reverse("wagtail_salesforce:job", args=[job.pk])).content.decode()
    assert "uthorize" in html


def test_it_does_not_lead_to_another_site(client, job):
    client.force_login(make_user("editor", "view_run"))
    url = reverse("wagtail_salesforce:job_cancel", args=[job.pk])
    assert client.post(url, {"next": "https://evil.example/"}).url == reverse("wagtailadmin_home")
