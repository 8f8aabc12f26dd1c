"""Answers that arrive otherwise than they were given: cut short, or with fields missing."""

from dataclasses import replace

from .faults import Fault
from .wire import Answer


def altered(fault: Fault, answer: Answer) -> Answer:
    """A good answer cut short, or a describe without some of its fields."""
    if fault.kind == "half_json":
        payload = answer.payload()
        return replace(answer, body=payload[: len(payload) // 2])
    if not isinstance(answer.body, dict) or "fields" not in answer.body:
        return answer
    left = [each for each in answer.body["fields"] if each["name"] not in fault.fields]
    return replace(answer, body={**answer.body, "fields": left})
