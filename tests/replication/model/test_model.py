"""Whatever happens in whatever order, the organization holds what it must.

A state machine drives contacts, the organization, settings and runs, and compares with a model.
A few seeded examples run with the other tests. A long campaign, with new examples each time:

    WS_MODEL_EXAMPLES=500 python -m pytest tests/replication/model

WS_MODEL_STEPS is how many steps each of them takes.
"""

from __future__ import annotations

import os
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.replication.model.machine import Model
from wagtail_salesforce.replication import schedule


EXAMPLES = int(os.environ.get("WS_MODEL_EXAMPLES", "0"))
STEPS = int(os.environ.get("WS_MODEL_STEPS", "40" if EXAMPLES else "20"))

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_organization_holds_what_the_model_says(org, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    # Thirty statements whenever the settings are saved, and nothing of it is of interest here.
    monkeypatch.setattr(schedule, "keep_schedule", lambda settings: None)
    run_state_machine_as_test(
        partial(Model, org),
        settings=settings(
            max_examples=EXAMPLES or 10,
            stateful_step_count=STEPS,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            print_blob=bool(EXAMPLES),
            suppress_health_check=list(HealthCheck),
        ),
    )
