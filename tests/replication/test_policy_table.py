"""Every row of the table of errors in docs/replication.md, and the tests that force it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest


PAGE = Path(__file__).resolve().parents[2] / "docs" / "replication.md"

#: The beginning of a row -> "module: test" of tests/replication, more than one after a comma.
FORCED = {
    "session expired": (
        "test_policy_calls: test_a_refused_token_is_renewed_once_and_the_call_repeated,"
        " test_policy_calls: test_a_fresh_token_refused_as_well_ends_the_authorization"
    ),
    "authorization refused": (
        "test_policy_calls: test_a_refused_refresh_token_stops_and_is_told_once,"
        " test_policy_calls: test_a_refresh_that_is_being_processed_elsewhere_ends_nothing"
    ),
    "daily limit": (
        "test_policy_calls: test_the_daily_limit_is_looked_at_again_hourly_and_nobody_is_alerted,"
        " test_engine_errors: test_the_reserve_is_exact"
    ),
    "500, 502, 503": (
        "test_policy_calls: test_passing_trouble_is_waited_out_and_makes_nothing_twice,"
        " test_policy_calls: test_trouble_that_lasts_stops_the_run_and_blames_nobody"
    ),
    "a row is locked": (
        "test_engine_errors: test_locked_rows_alone_are_tried_again, test_policy_rows:"
        " test_a_row_that_stays_locked_waits_longer_each_time_and_comes_back_by_itself"
    ),
    "a whole request is refused": (
        "test_policy_rows: test_a_row_that_spoils_its_part_of_a_composite,"
        " test_policy_rows: test_a_refused_call_that_no_row_is_to_blame_for_comes_through_in_halves"
    ),
    "a row is refused": (
        "test_policy_rows: test_a_refused_row_suspends_its_contact_with_code_and_message,"
        " test_policy_rows: test_a_validation_rule_of_the_organization,"
        " test_policy_rows: test_a_duplicate_value_of_another_unique_field,"
        " test_policy_rows: test_the_ways_back_of_a_suspended_contact"
    ),
    "the organization's duplicate rule": (
        "test_policy_rows:"
        " test_a_duplicate_suspends_until_the_policy_changes_and_somebody_retries,"
        " test_policy_rows: test_a_duplicate_is_saved_anyway_by_the_other_policy,"
        " test_policy_rows: test_a_blocking_duplicate_rule_suspends_whatever_the_policy"
    ),
    "the lead was converted": "test_policy_gone: test_a_converted_lead_is_left_to_sales",
    "the lead was merged": (
        "test_policy_gone: test_a_lead_merged_away_names_the_survivor, test_policy_gone:"
        " test_a_survivor_that_was_merged_away_itself_leads_to_the_last_one"
    ),
    "the lead was deleted": "test_policy_gone: test_a_deleted_lead_follows_the_policy",
    "storage is full": (
        "test_policy_calls: test_what_an_administrator_has_to_mend_stops_and_is_told_once,"
        " test_policy_calls: test_a_full_storage_hinders_no_update"
    ),
}


def rows():
    """The first cells of the table."""
    text = PAGE.read_text(encoding="utf-8")
    section = text.split("## When something goes wrong")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return [cell for cell in cells if cell != "Salesforce answers"]


def test_every_row_is_forced():
    found = rows()
    assert len(found) == len(FORCED)
    for row in found:
        assert any(row.startswith(beginning) for beginning in FORCED), row


@pytest.mark.parametrize("named", FORCED.values(), ids=FORCED.keys())
def test_the_tests_are_there(named):
    for each in named.split(","):
        module, test = (part.strip() for part in each.split(":"))
        assert hasattr(importlib.import_module(f"tests.replication.{module}"), test)
