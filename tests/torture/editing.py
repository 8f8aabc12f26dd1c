"""The people who work on the site meanwhile: they edit contacts without a pause, and add some."""

from __future__ import annotations

import random
import time
from typing import Any

from tests.torture.forking import context
from tests.torture.processes import become


#: Half of the edits go to so many contacts, one after the other, before the next ones have their turn.
BUSY = 10
EDITS_OF_BUSY = 40


class Editor:
    """A process that saves contacts, `rate` a second, until it is stopped."""

    def __init__(self, output: str, seed: int, rate: float) -> None:
        self.stopping, self.edits = context.Event(), context.Value("i", 0)
        arguments = (self.stopping, self.edits, output, seed, rate)
        self.process = context.Process(target=_edit, args=arguments, daemon=True)
        self.process.start()

    def stop(self) -> int:
        """End it; how many contacts it saved. Raises RuntimeError when it died of an error."""
        self.stopping.set()
        self.process.join(60)
        if self.process.exitcode != 0:
            raise RuntimeError(f"The editor ended with {self.process.exitcode}.")
        return int(self.edits.value)


def _edit(stopping: Any, edits: Any, output: str, seed: int, rate: float) -> None:
    become("torture-editor", output)
    from wagtail_salesforce.contacts.models import Contact

    chance = random.Random(seed)
    ids = list(Contact.objects.values_list("pk", flat=True))
    begun = time.monotonic()
    while not stopping.is_set():
        first = edits.value // EDITS_OF_BUSY * BUSY % max(len(ids) - BUSY, 1)
        _one_edit(chance, ids, range(first, min(first + BUSY, len(ids))))
        edits.value += 1
        ahead = edits.value / rate - (time.monotonic() - begun)
        stopping.wait(max(ahead, 0))


def _one_edit(chance: random.Random, ids: list[int], busy: range) -> None:
    """A busy contact changes to and fro, and is then left alone: what a dying process has sent
    must not be taken for what was recorded before it."""
    from wagtail_salesforce.contacts.models import Contact

    word = f"{chance.getrandbits(32):08x}"
    if chance.random() < 0.02:
        address = f"{word}.{len(ids)}@example.org"
        added = Contact(email=address, email_key=address, first_name="New", last_name=word)
        added.save()
        ids.append(added.pk)
        return
    if chance.random() < 0.5:
        contact = Contact.objects.get(pk=ids[chance.choice(busy)])
        contact.job_title = "Manager" if contact.job_title == "Director" else "Director"
    else:
        contact = Contact.objects.get(pk=chance.choice(ids))
        contact.job_title, contact.city = word, chance.choice(("", "Leeds", "York", word))
    contact.save()
