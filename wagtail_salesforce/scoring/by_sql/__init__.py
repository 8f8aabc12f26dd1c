"""Points of many contacts computed by PostgreSQL itself, exactly as the pure rules say them.

    fragments.py   pieces of SQL with their parameters
    values.py      a contact's fields and attributes, and when their value needs Python
    checks.py      the tests
    conditions.py  comparisons and groups of them
    windows.py     when the points of an activity expire
    activities.py  activity rules
    plan.py        a whole score, or the answer that it cannot be said in SQL
    write.py       the one statement per chunk of contacts

What PostgreSQL does not do exactly as Python (text with letters outside ASCII, values of a former
type of an attribute) makes a contact *odd*: odd contacts are computed by the pure rules.
"""
