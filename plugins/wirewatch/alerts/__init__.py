"""Saved searches matched with new stories, and alerts delivered: once per search and cluster."""
