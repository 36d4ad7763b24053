"""A managed local Elasticsearch: downloaded once, started on loopback, stopped by pid."""

from wirewatch.local.elasticsearch.server import (
    NoElasticsearch,
    Running,
    ensure,
    given_url,
    located,
    status,
    stop,
)

__all__ = ["NoElasticsearch", "Running", "ensure", "given_url", "located", "status", "stop"]
