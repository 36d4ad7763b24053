"""A managed local Elasticsearch: downloaded once, started on loopback, stopped by pid."""

from wirewatch.local.elasticsearch.server import Running, ensure, given_url, located, status, stop

__all__ = ["Running", "ensure", "given_url", "located", "status", "stop"]
