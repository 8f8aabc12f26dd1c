"""Long work in the background: in slices, resumable, with progress.

from wagtail_salesforce.jobs import Step, register, start

def count(job, cursor):                       # in your app; `register` in its ready()
    ...
    return Step(cursor=last_id, done=len(ids), finished=not ids)

register("count", count, label=_("Counting"))
start("count", {"what": 5}, total=1_000)      # -> Job
"""

from wagtail_salesforce.jobs.registry import Step, register
from wagtail_salesforce.jobs.start import cancel, retry, start


__all__ = ["Step", "cancel", "register", "retry", "start"]
