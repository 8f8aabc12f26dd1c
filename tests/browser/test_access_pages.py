"""The pages for sending again and for export and import: by keyboard, for axe, on a telephone."""

from __future__ import annotations

import pytest

from tests.browser.access import overlaps, tab_through
from tests.browser.waiting import becomes, resize
from tests.browser.windows import NARROW, WIDE
from tests.ready import ready


pytestmark = pytest.mark.django_db(transaction=True)


def test_sending_again_and_export_and_import(page, org, check_accessibility, check_width):
    ready(org)
    for url in ("/admin/salesforce/resend/", "/admin/salesforce/config/"):
        page.goto(url)
        page.emulate_media(forced_colors="active")
        assert tab_through(page, ".ws-page") == []
        page.emulate_media(forced_colors="none")
        check_accessibility(page, ".ws-page")
        check_width(page, ".ws-page")
        resize(page, NARROW)
        becomes(lambda: overlaps(page, ".ws-page"), [])
        resize(page, WIDE)
