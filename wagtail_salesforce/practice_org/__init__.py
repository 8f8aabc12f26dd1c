"""The practice org: a strict local Salesforce look-alike for development, tests and the demo.

It stands alone: it imports nothing of the rest of the package and no Django. Start it with
``python -m wagtail_salesforce.practice_org`` or ``manage.py salesforce_practice_org``; drive it
from tests with :class:`wagtail_salesforce.practice_org.control.PracticeOrg`.

Where Salesforce's own behaviour is not known, a comment says ``Assumption``, with a key by which
the table in ``docs/practice-org.md`` lists it.
"""
