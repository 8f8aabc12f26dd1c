"""The count of API calls holds however answers overtake each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.salesforce.limits import Meter, Usage


BEFORE = 70


class Served:
    """A meter, and the organization that counts the calls; others may use it too."""

    def __init__(self):
        self.meter = Meter()
        self.meter.guard = self._look
        self.used = self.before = BEFORE
        self.begun = 0
        self.under_way, self.answered = [], []
        self.seen = None

    def _look(self, usage, unknown):
        self.seen = (usage, unknown)

    def begin(self):
        self.under_way.append(self.meter.begin())
        if (told := self.seen[0]) is not None:
            # Nobody else used any: what is known and what may not be in it make up all calls.
            assert told.used + self.seen[1] >= self.before + self.begun
        self.begun += 1

    def serve(self, place):
        self.used += 1
        self.answered.append((self.under_way.pop(place), Usage(self.used, 1000)))

    def answer(self, place):
        begun, usage = self.answered.pop(place)
        self.meter.told(usage, begun)
        self.meter.end()


@given(st.data())
def test_no_call_is_forgotten(data):
    org = Served()
    for _ in range(data.draw(st.integers(1, 40))):
        steps = ["begin"]
        steps += ["serve"] if org.under_way else []
        steps += ["answer"] if org.answered else []
        step = data.draw(st.sampled_from(steps))
        if step == "begin":
            org.begin()
        else:
            waiting = org.under_way if step == "serve" else org.answered
            getattr(org, step)(data.draw(st.integers(0, len(waiting) - 1)))
    while org.under_way:
        org.serve(0)
    while org.answered:
        org.answer(data.draw(st.integers(0, len(org.answered) - 1)))
    org.begin()
    # Nothing is under way: the count is exact again.
    assert org.seen == (Usage(org.used, 1000), 0)


def test_a_late_answer_brings_no_call_back():
    org = Served()
    org.begin()
    org.begin()
    org.serve(0)
    org.serve(0)
    org.answer(1)
    org.answer(0)
    org.begin()
    assert org.seen == (Usage(72, 1000), 0)


def test_usage_falls_when_calls_of_yesterday_are_forgotten():
    org = Served()
    org.begin()
    org.serve(0)
    org.answer(0)
    org.used, org.before = 5, 5 - org.begun
    org.begin()
    org.serve(0)
    org.answer(0)
    org.begin()
    assert org.seen == (Usage(6, 1000), 0)
