"""Runs, and what they must have come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tests.replication.model import check, site
from tests.replication.model.adopt import Adopted, Travelling
from tests.replication.model.troubles import SUSPENDING, killed_at, meanwhile, reserve_kept
from tests.replication.model.world import NOTHING, Person
from wagtail_salesforce.conf import conf
from wagtail_salesforce.replication.by_hand import ask_for
from wagtail_salesforce.replication.engine import RunResult
from wagtail_salesforce.replication.models import LeadLink


if TYPE_CHECKING:
    from tests.replication.model.basis import Basis


def replicate(model: Basis, *, short: bool = False) -> None:
    """A run for everybody; without troubles another one, which finds nothing to do."""
    troubled = _run(model, fates_now(model), lambda: site.run(short=short))
    if troubled == {"travelling"} and not model.travelling:
        # Now that the answers to what was under way are known, all is as it should be.
        _run(model, fates_now(model), site.run)
    elif not troubled:
        nothing_is_due()


def nothing_is_due() -> None:
    """One more run does nothing and asks Salesforce nothing."""
    again = site.run()
    assert (again.counts, again.api_calls, again.reason) == ({}, 0, None)


def replicate_one(model: Basis, person: Person) -> None:
    """A run for one contact, whatever its points."""
    now = timezone.now()
    ask_for(person.pk)
    if person.suspended or model.waits(person):
        person.retry()
    elif not person.held:
        person.touched = True
    fates = dict.fromkeys(model.world.people, NOTHING)
    fates[person.pk] = model.world.fate(person, now, alone=True)
    _run(model, fates, lambda: site.run(person.pk), everybody=False)


def fates_now(model: Basis) -> check.Fates:
    """What a run for everybody comes to."""
    now = timezone.now()
    return {pk: model.world.fate(person, now) for pk, person in model.world.people.items()}


def troubles_of(model: Basis) -> set[str]:
    """What is wrong, and what is still under way."""
    return model.troubles.now() | ({"travelling"} if model.travelling else set())


def _run(
    model: Basis, fates: check.Fates, go: Callable[[], RunResult], *, everybody: bool = True
) -> set[str]:
    """Run, and compare; what was wrong."""
    troubles = troubles_of(model)
    with reserve_kept(model.troubles, model.world.rules.reserve):
        result = go()
    _has_a_reason(model, result, troubles)
    if troubles:
        _perhaps(model, {pk: [fate] for pk, fate in fates.items()}, troubles)
    else:
        _exactly(model, fates, result, everybody)
    return troubles


def _has_a_reason(model: Basis, result: RunResult, troubles: set[str]) -> None:
    """A run ends for nothing but what is wrong. That no call is left is believed for an hour."""
    check.run_adds_up(result)
    assert result.reason in model.troubles.reasons(troubles), result
    if result.reason in ("request_limit", "api_reserve"):
        model.troubles.names.add("allowance")


def _exactly(model: Basis, fates: check.Fates, result: RunResult, everybody: bool) -> None:
    """Nothing was in the way: all that was to be done is done."""
    world = model.world
    assert result.state == "finished"
    made_before = sum(
        fate.kind == "created" and bool(world.stray(world.people[pk])) for pk, fate in fates.items()
    )
    for pk, fate in fates.items():
        world.carry_out(world.people[pk], fate)
    found = check.seen(model.org)
    check.unique(found)
    check.adopt_new(world, found, fates)
    check.same_leads(world, found)
    check.same_counts(result.counts, check.counts_of(fates), made_before)
    if everybody:
        check.links_agree(world, timezone.now())


def _perhaps(model: Basis, chances: Any, troubles: set[str], gone: Any = ()) -> None:
    """Something was in the way: what was to be done is done, or is still to be done."""
    suspending = bool(troubles & SUSPENDING)
    travelling = model.travelling
    adopted = Adopted(model.world, model.org, chances, travelling, suspending=suspending)
    gone_ids = {person.pk: person.external_id for person in gone}
    model.travelling = _travelling(model, chances, gone_ids)
    adopted.people(list(gone))


def _travelling(model: Basis, chances: Any, gone: dict[int, str]) -> Travelling:
    """What is in Bulk jobs now: of each the values, as far as they are known."""
    ids = {pk: person.external_id for pk, person in model.world.people.items()} | gone
    fates = {ids[pk]: list(found) for pk, found in chances.items() if pk in ids}
    under_way = LeadLink.objects.filter(job__isnull=False).values_list("external_id", flat=True)
    return {key: [*model.travelling.get(key, []), *fates.get(key, [])] for key in under_way}


def one_slice(model: Basis) -> None:
    """A slice that is over as soon as it can be: Bulk jobs are left under way."""
    fates, troubles = fates_now(model), troubles_of(model)
    with reserve_kept(model.troubles, model.world.rules.reserve):
        result = site.one_slice()
    _has_a_reason(model, result, troubles)
    _perhaps(model, {pk: [fate] for pk, fate in fates.items()}, troubles)


def interrupted(model: Basis, action: Callable[[], None]) -> None:
    """A run during which something happens to somebody; afterwards nothing is left to do."""
    before, people = fates_now(model), dict(model.world.people)
    troubles = troubles_of(model)
    with meanwhile(action):
        result = site.run()
    after = fates_now(model)
    _has_a_reason(model, result, troubles)
    chances = {pk: [fate, after.get(pk, NOTHING)] for pk, fate in before.items()}
    gone = [person for pk, person in people.items() if pk not in model.world.people]
    _perhaps(model, chances, troubles, gone)
    if not troubles:
        replicate(model)


def killed(model: Basis, number: int) -> bool:
    """A run whose worker dies before it records what came back; whether it came to that."""
    fates, troubles = fates_now(model), troubles_of(model)
    try:
        with killed_at(number):
            site.run()
    except SystemExit:
        _perhaps(model, {pk: [fate] for pk, fate in fates.items()}, troubles | {"killed"})
        _believe_nothing(model)
        return True
    _perhaps(model, {pk: [fate] for pk, fate in fates.items()}, troubles)
    return False


def _believe_nothing(model: Basis) -> None:
    """Nobody can know what the dead worker's last calls came to: what was in its hands goes again."""
    for person in model.world.people.values():
        link = site.link_of(person.pk)
        if person.lead and link.due_at and (link.claimed_by or conf().PARALLEL_WORKERS == 1):
            person.told = None
