"""Troubles of an installation: found by looking at the stores, told once, and again when over.

A module a kind of trouble: it has a :class:`kinds.Kind` for each message that it can give, and a
``look`` that yields the troubles there are now. :mod:`looking` has all of them; :mod:`telling`
keeps what was found and queues the messages.
"""
