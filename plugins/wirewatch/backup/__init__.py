"""Backups: Elasticsearch's own snapshot and the state folder as one set with a manifest."""
