"""The status as text for Prometheus (exposition format 0.0.4). Pure; holds nobody's data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wagtail_salesforce.replication.outcomes import COUNTED


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "wagtail_salesforce_"

# (labels, value)
Sample = tuple[Mapping[str, str], float]


def as_text(status: Mapping[str, Any]) -> str:
    """The document of `replication.status.status()` as metrics; what is unknown is left out."""
    return "".join(_families(status))


def _families(status: Mapping[str, Any]) -> Iterable[str]:
    yield _one("connected", "Whether the site is authorized (1 or 0).", int(status["connected"]))
    yield _one(
        "api_calls_used", "The organization's API calls of 24 hours.", status["api_calls_used"]
    )
    yield _one("api_calls_max", "Its allowance of them.", status["api_calls_max"])
    yield _one(
        "reserve_percent", "The share of them that is never used.", status["reserve_percent"]
    )
    yield _one("contacts_due", "Contacts with something to send now.", status["due"])
    yield _one("contacts_in_bulk", "Those of them under way in Bulk jobs.", status["in_bulk"])
    yield _one("contacts_postponed", "Contacts that are tried again later.", status["postponed"])
    yield _one(
        "oldest_due_timestamp_seconds",
        "Since when the contact that waits longest has been due.",
        _seconds(status["oldest_due"]),
    )
    links = status["links"].items()
    samples = [({"state": state}, count) for state, count in links]
    yield _family("lead_links", "Lead links by state.", samples)
    if ended := status["authorization_ended_by"]:
        text = "What has ended the authorization, by reason."
        yield _family("authorization_ended", text, [({"reason": ended}, 1)])
    problems = [({"reason": code}, 1) for code in status["problems"]]
    yield _family("problem", "What would stop a run now, by reason.", problems)
    yield from _drift(status["drift"])
    yield from _incidents(status["incidents"])
    yield from _last_run(status["last_run"])


def _drift(found: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Numbers, for alarms; which fields they are is for the panel."""
    fields = {each["field"] for each in found}
    breaking = {each["field"] for each in found if each["breaks"]}
    text = "Mapped Lead fields that have changed in Salesforce since the mapping was saved."
    yield _one("drift_fields", text, len(fields))
    text = "Those of them that the mapping cannot be used with any more."
    yield _one("drift_breaking_fields", text, len(breaking))


def _incidents(found: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    samples = [({"reason": each["reason"]}, each["runs"]) for each in found]
    yield _family("incident_runs", "Runs that an open incident has stopped, by reason.", samples)
    began = [({"reason": each["reason"]}, _seconds(each["began"]) or 0) for each in found]
    text = "Since when an incident has been open, by reason."
    yield _family("incident_began_timestamp_seconds", text, began)
    told = [({"reason": each["reason"]}, _seconds(each["told"]) or 0) for each in found]
    text = "When people were told of an open incident by mail, by reason; 0 while they were not."
    yield _family("incident_told_timestamp_seconds", text, told)


def _last_run(run: Mapping[str, Any] | None) -> Iterable[str]:
    if run is None:
        return
    about = {"state": run["state"], "reason": run["reason"] or ""}
    yield _family("last_run_info", "The last run's state and reason.", [(about, 1)])
    for moment in ("started", "finished"):
        text = f"When the last run {moment}."
        yield _one(f"last_run_{moment}_timestamp_seconds", text, _seconds(run[moment]))
    counts = [({"outcome": kind.value}, run[kind.value]) for kind in COUNTED]
    yield _family("last_run_contacts", "Contacts of the last run by outcome.", counts)
    yield _one("last_run_api_calls", "API calls of the last run.", run["api_calls"])


def _one(name: str, text: str, value: float | None) -> str:
    return "" if value is None else _family(name, text, [({}, value)])


def _family(name: str, text: str, samples: Iterable[Sample]) -> str:
    head = [f"# HELP {PREFIX}{name} {text}", f"# TYPE {PREFIX}{name} gauge"]
    lines = [f"{PREFIX}{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join([*head, *lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    pairs = [f'{name}="{_escaped(value)}"' for name, value in labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _seconds(moment: str | None) -> float | None:
    return datetime.fromisoformat(moment).timestamp() if moment else None
