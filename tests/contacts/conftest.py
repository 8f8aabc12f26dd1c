from __future__ import annotations

import pytest

from wagtail_salesforce.contacts import activity_types


@pytest.fixture(autouse=True)
def no_types_from_other_tests():
    """Tests undo their rows, so that none is certain any more."""
    activity_types._with_row.clear()
