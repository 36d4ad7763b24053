"""Read a query's stories anew with the installed version: from the archive, their topics, or their
clusters.

``select_stories`` → ``examine`` → ``report_changes`` → ``apply``: what would change is known,
counted and shown before anything is written, and only what changed is written.
"""
