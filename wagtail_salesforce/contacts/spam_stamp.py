"""The signed moment at which a form was shown, hidden in the form and read back from the request."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.core import signing


#: The name of the hidden field.
FIELD = "wagtail_salesforce_started"
SALT = "wagtail_salesforce.form_started"
#: A form that stays open longer has to be loaded again, so that a stamp is no pass for ever.
LIFETIME = timedelta(hours=24)


class Stamp(str, Enum):
    """What a submission says of when its form was shown."""

    GENUINE = "genuine"
    MISSING = "missing"
    FORGED = "forged"
    EXPIRED = "expired"
    # Nobody looked: there is no middleware, or the submission was found in the database.
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Shown:
    """When the form was shown: how many `seconds` before it was sent, for a genuine stamp."""

    stamp: Stamp = Stamp.UNKNOWN
    seconds: float | None = None


def subject_of_page(page_id: int) -> str:
    """What the stamp of a form page's form is bound to."""
    return f"page:{page_id}"


def subject_of_form(name: str) -> str:
    """What the stamp of a form that a developer named is bound to."""
    return f"form:{name}"


def signed(subject: str) -> str:
    """A stamp of this moment for a form."""
    return signing.dumps([subject, time.time()], salt=SALT)


def read_stamp(value: str, subject: str) -> Shown:
    """What a stamp says; one of another form counts as forged."""
    if not value:
        return Shown(Stamp.MISSING)
    try:
        bound_to, moment = signing.loads(value, salt=SALT, max_age=LIFETIME)
    except signing.SignatureExpired:
        return Shown(Stamp.EXPIRED)
    except (signing.BadSignature, ValueError, TypeError):
        return Shown(Stamp.FORGED)
    if bound_to != subject:
        return Shown(Stamp.FORGED)
    return Shown(Stamp.GENUINE, max(0.0, time.time() - moment))


def shown(request: Any, subject: str) -> Shown:
    """What a visitor's request says of the form it sends; unknown without a request that sends."""
    if request is None or request.method != "POST":
        return Shown()
    return read_stamp(str(request.POST.get(FIELD, "")), subject)
