"""The nouns of wirewatch, one immutable record each; stages pass these and nothing else.

``Feed`` → ``Entry`` → ``Page`` → ``Article`` → ``Story`` (in a ``Cluster``, with ``Topic`` codes)
→ ``Alert``. Records are msgspec structs: typed, frozen, encoded to JSON and checked on decoding.
Instants are aware UTC datetimes; ids are stable hashes made by :func:`stable_id`.
"""

from wirewatch.records.alerts import (
    SLUG,
    Alert,
    Copies,
    Every,
    MatchingCosts,
    Passage,
    SavedSearch,
    SearchKind,
)
from wirewatch.records.base import (
    ID_BYTES,
    R,
    Record,
    by_id,
    defaults,
    from_dict,
    from_json,
    ready,
    replace,
    stable_id,
    to_dict,
    to_json,
    utc_now,
)
from wirewatch.records.deliveries import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Try,
)
from wirewatch.records.feeds import Entry, Feed, FeedState, Subscription, SubscriptionState
from wirewatch.records.flat import flat, flat_story, inline, read_story, story_defaults
from wirewatch.records.hosts import Host
from wirewatch.records.keys import SCOPES, Ended, Key
from wirewatch.records.locks import Lock
from wirewatch.records.pages import Lease, Location, Page, PageStatus, Part, Reason
from wirewatch.records.revisions import Change, Edit, Revision, RevisionKind
from wirewatch.records.runs import Batch, HostTime, Run
from wirewatch.records.stories import (
    Article,
    Cluster,
    Link,
    Story,
    StoryKind,
    TopicTag,
    Unmatched,
)
from wirewatch.records.troubles import Trouble

__all__ = [
    "ID_BYTES",
    "SCOPES",
    "SLUG",
    "Alert",
    "Article",
    "Batch",
    "Change",
    "Channel",
    "ChannelKind",
    "Cluster",
    "Copies",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Edit",
    "Ended",
    "Entry",
    "Every",
    "Feed",
    "FeedState",
    "Host",
    "HostTime",
    "Key",
    "Lease",
    "Link",
    "Location",
    "Lock",
    "MatchingCosts",
    "Page",
    "PageStatus",
    "Part",
    "Passage",
    "R",
    "Reason",
    "Record",
    "Revision",
    "RevisionKind",
    "Run",
    "SavedSearch",
    "SearchKind",
    "Story",
    "StoryKind",
    "Subscription",
    "SubscriptionState",
    "TopicTag",
    "Trouble",
    "Try",
    "Unmatched",
    "by_id",
    "defaults",
    "flat",
    "flat_story",
    "from_dict",
    "from_json",
    "inline",
    "read_story",
    "ready",
    "replace",
    "stable_id",
    "story_defaults",
    "to_dict",
    "to_json",
    "utc_now",
]
