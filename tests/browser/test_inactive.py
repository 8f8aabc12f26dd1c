"""The rule for inactive contacts in a browser: count, be corrected, be asked, confirm."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.browser.waiting import resize
from tests.browser.windows import NARROW, WIDE
from wagtail_salesforce.contacts.models import Contact, InactiveContactRule


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide-light", "narrow-dark"]
)
def test_switching_the_rule_on(windows, admin, check_accessibility, check_width, size, scheme):
    """Each state is looked at by axe in both schemes, whichever the page was opened in."""
    before = timezone.now() - timedelta(days=400)
    Contact.objects.bulk_create(Contact(created_at=before) for _ in range(1234))
    page = windows.open(admin, viewport=size, color_scheme=scheme)
    shots = 0

    def looked_at():
        nonlocal shots
        shots += 1
        if folder := os.environ.get("D_SHOTS"):
            path = f"{folder}/{size['width']}-{scheme}-{shots}.png"
            page.screenshot(path=path, full_page=True)
        check_accessibility(page, "main")
        check_width(page, "main")
        page.emulate_media(color_scheme=scheme)
        resize(page, size)

    page.goto(reverse("wagtail_salesforce_inactive:rule"))
    page.get_by_text("With these settings 1,234 contacts would be deleted now.").wait_for()
    looked_at()

    page.get_by_label("Days without activity").fill("5")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Enter 10 days or more.").wait_for()
    looked_at()

    page.get_by_label("Days without activity").fill("365")
    page.get_by_label("delete inactive contacts").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Is that what you want?").wait_for()
    looked_at()

    page.get_by_role("button", name="Yes, save and delete them daily").click()
    page.get_by_text("The rule is on.").wait_for()
    looked_at()
    assert InactiveContactRule.load().enabled
