"""Feeds: parsing, when to poll, polling, OPML, discovery, silence."""
