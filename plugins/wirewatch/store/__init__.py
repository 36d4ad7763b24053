"""All shared state, in Elasticsearch: the client, the index templates, one repository a noun.

Writes are create-only or compare-and-set, never blind: a task that is killed and run again writes
the same documents and nothing twice.
"""

from wirewatch.store.client import Store, connect, hosts_if_there
from wirewatch.store.hold import Unavailable
from wirewatch.store.templates import MappingDiffers

__all__ = ["MappingDiffers", "Store", "Unavailable", "connect", "hosts_if_there"]
