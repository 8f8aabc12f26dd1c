"""Kills and disturbs the replicator, and proves that nothing is lost and nothing doubled.

    python -m tests.torture [--campaign all] [--kills 200] [--contacts 20000] [--batch-size 50]
        [--seed 1] [--minutes 10] [--workers 1] [--rate 40] [--bulk]

Prints one JSON document. Exit 1: a promise is broken. Exit 2: it could not be completed in time.
On PostgreSQL with WS_TEST_DATABASE=postgres, on MySQL or MariaDB with WS_TEST_DATABASE=mysql, else
on SQLite in a file.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.torture.broker import broker
from tests.torture.campaign import Campaign, Options, say
from tests.torture.campaigns import conduct, database, faults, kills
from tests.torture.cluster import Redis
from tests.torture.database import empty, own_database
from tests.torture.stalls import stalls
from tests.torture.tokens import tokens


ALONE = {
    "kills": kills,
    "faults": faults,
    "database": database,
    "stalls": stalls,
    "stalls-together": stalls,
    "tokens": tokens,
}
#: Each campaign and its share of the time; what one does not need is there for the next.
SHARES = {
    "kills": 0.6,
    "faults": 0.4,
    "database": 0.4,
    "stalls": 0.3,
    "stalls-together": 0.3,
    "tokens": 0.4,
    "broker-orm": 0.5,
    "broker-redis": 1.0,
}
TOGETHER = {
    "all": list(SHARES),
    "broker": ["broker-orm", "broker-redis"],
    "stalls-both": ["stalls", "stalls-together"],
}
#: What these are about does not depend on how many contacts there are.
SMALL = {"stalls", "stalls-together", "tokens"}
FEW, SMALL_BATCH = 2000, 10
#: So many replicators stall together.
SEVERAL = 3
#: With --bulk, more due contacts than these go by a Bulk job.
BACKLOG = 20


def main() -> int:
    given = _arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.torture.settings"
    os.environ["TORTURE_CONF"] = json.dumps(_conf(given))
    if given.inside:
        result = _one(given.campaign, _options(given))
    else:
        with own_database():
            result = _all(given, TOGETHER.get(given.campaign, [given.campaign]))
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0 if given.inside else _judge(result)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("--campaign", choices=[*TOGETHER, *SHARES], default="all")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=1, help="replicators at the same time")
    parser.add_argument("--rate", type=float, default=40.0, help="edits a second")
    parser.add_argument("--bulk", action="store_true", help="by Bulk jobs where there is a backlog")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _options(given: argparse.Namespace) -> Options:
    known = Options.__dataclass_fields__
    return Options(**{key: value for key, value in vars(given).items() if key in known})


def _conf(given: argparse.Namespace) -> dict[str, Any]:
    threshold = BACKLOG if given.bulk else 0
    return {"PARALLEL_WORKERS": given.workers, "BULK_THRESHOLD": threshold}


def _all(given: argparse.Namespace, names: list[str]) -> dict[str, Any]:
    """Each campaign in a process of its own, so that none finds what another one left behind."""
    end, found = time.monotonic() + given.minutes * 60, {}
    for name in names:
        left = (end - time.monotonic()) / 60
        minutes = left * (SHARES[name] if len(names) > 1 else 1)
        say(f"{name}: at most {minutes:.1f} minutes")
        found[name] = _inside(given, name, minutes)
    return found


def _inside(given: argparse.Namespace, name: str, minutes: float) -> dict[str, Any]:
    asked = {**vars(given), "campaign": name, "minutes": minutes}
    if name in SMALL:
        asked["contacts"] = min(given.contacts, FEW)
        asked["batch_size"] = min(given.batch_size, SMALL_BATCH)
    if name == "stalls-together":
        asked["workers"] = max(given.workers, SEVERAL)
    command = [sys.executable, "-m", "tests.torture", "--inside"]
    for key, value in asked.items():
        if key not in ("inside", "bulk"):
            command += [f"--{key.replace('_', '-')}", str(value)]
    command += ["--bulk"] if given.bulk else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return {"complete": False, "broken": [f"the campaign itself failed: {done.returncode}"]}
    return json.loads(done.stdout)


def _one(name: str, options: Options) -> dict[str, Any]:
    if name != "broker-redis":
        return _with_site(name, options, None)
    if missing := Redis.missing():
        return {"complete": True, "left_out": missing, "broken": []}
    redis = Redis()
    os.environ["TORTURE_REDIS"] = redis.url
    try:
        return _with_site(name, options, redis)
    finally:
        redis.kill()


def _with_site(name: str, options: Options, redis: Redis | None) -> dict[str, Any]:
    import django

    django.setup()
    from tests.ready import make_contacts, ready
    from wagtail_salesforce.practice_org.control import PracticeOrg

    empty()
    with PracticeOrg.start() as org, tempfile.TemporaryDirectory(prefix="ws-torture-") as folder:
        ready(org, batch_size=options.batch_size)
        org.set_allowance(max=10_000_000, used=0)
        # The first job has nearly all contacts: it takes ten looks, not a hundred.
        org.options(bulk_rows_at_once=max(200, options.contacts // 10))
        make_contacts(options.contacts, job_title="Director", business_phone="+44 20 1234")
        campaign = Campaign(options, org, Path(folder))
        if name in ALONE:
            return conduct(ALONE[name], campaign)
        return broker(campaign, redis)


def _judge(result: dict[str, Any]) -> int:
    broken = [f"{name}: {words}" for name, found in result.items() for words in found["broken"]]
    for words in broken:
        say(f"BROKEN {words}")
    late = [name for name, found in result.items() if not found["complete"]]
    for name in late:
        say(f"INCOMPLETE {name}: there was not enough time; give it more --minutes")
    if not broken and not late:
        say("Nothing was lost and nothing doubled.")
    return 1 if broken else 2 if late else 0


if __name__ == "__main__":
    sys.exit(main())
