"""One runner at a time, also when a holder dies or stalls."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from wagtail_salesforce.exceptions import LeaseLost
from wagtail_salesforce.replication.lease import LEASE_TIME, identity, is_dead, take_lease
from wagtail_salesforce.replication.models import Lease


pytestmark = pytest.mark.django_db


def test_only_one_holds_it_and_it_can_be_taken_again_after_release():
    held = take_lease()
    assert take_lease() is None
    held.release()
    again = take_lease()
    assert again.token == held.token + 1


def test_each_slot_can_be_held():
    assert take_lease(2).name == "replication-0"
    assert take_lease(2).name == "replication-1"
    assert take_lease(2) is None


def test_a_stalled_holder_is_overtaken_and_then_finds_its_lease_lost():
    with time_machine.travel("2026-03-01T10:00:00+00:00", tick=False) as clock:
        held = take_lease()
        Lease.objects.update(owner="another machine|1|1")
        clock.shift(LEASE_TIME - timedelta(seconds=1))
        assert take_lease() is None
        clock.shift(timedelta(seconds=1))
        assert take_lease() is not None
        with pytest.raises(LeaseLost):
            held.renew()
        with pytest.raises(LeaseLost):
            held.check()


def test_renewing_holds_it_on():
    with time_machine.travel("2026-03-01T10:00:00+00:00", tick=False) as clock:
        held = take_lease()
        clock.shift(timedelta(seconds=100))
        held.renew()
        clock.shift(timedelta(seconds=100))
        assert take_lease() is None


def test_releasing_a_lost_lease_leaves_the_new_holder_alone():
    held = take_lease()
    Lease.objects.update(token=held.token + 1, expires_at=timezone.now() + LEASE_TIME)
    held.release()
    assert take_lease() is None


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="Only Linux tells of zombies.")
def test_one_that_was_killed_and_not_asked_for_yet_is_gone():
    child = os.fork()
    if not child:
        os._exit(0)
    owner = identity().rsplit("|", 2)[0]
    started = identity().rsplit("|", 1)[1]
    try:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert is_dead(f"{owner}|{child}|{started}")
        with open(f"/proc/{child}/stat") as file:
            born = file.read().rpartition(")")[2].split()[19]
        assert is_dead(f"{owner}|{child}|{born}")
    finally:
        os.waitpid(child, 0)


def test_a_process_of_this_machine_that_is_gone_is_overtaken_at_once():
    code = "from wagtail_salesforce.replication.lease import identity; print(identity())"
    script = (
        "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; "
        f"django.setup(); {code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    gone = done.stdout.strip().splitlines()[-1]
    assert is_dead(gone)
    assert not is_dead(identity())
    assert not is_dead("")
    assert not is_dead("elsewhere|1|2")
    take_lease()
    Lease.objects.update(owner=gone)
    assert take_lease() is not None
