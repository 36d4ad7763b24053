"""Saved searches matched with new stories, and what they found told: once a search and cluster."""
