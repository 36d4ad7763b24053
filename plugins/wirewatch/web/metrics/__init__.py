"""Figures for Prometheus: of the indices, the flow and the servers when asked, of requests as they
come.

``docs/metrics.md`` lists them. The figures of the indices are given again for ``web.metrics``
seconds: whoever asks, and however often, costs Elasticsearch one look in that time.
"""

from wirewatch.web.metrics.exposition import MEDIA_TYPE, text
from wirewatch.web.metrics.requests import Measured, Requests

__all__ = ["MEDIA_TYPE", "Measured", "Requests", "text"]
