"""The fingerprint index is gone with all its files, while the stories are there."""

from __future__ import annotations

import shutil

import pytest

from tests import flows, sites
from tests.dedup.conftest import prose
from tests.indices import change
from wirewatch.dedup.segments import Damaged
from wirewatch.pipeline.fingerprints import check_fingerprints, rebuild_fingerprints
from wirewatch.pipeline.paths import fingerprints_root
from wirewatch.records import utc_now
from wirewatch.settings import Settings
from wirewatch.store import connect

pytestmark = pytest.mark.es


def test_no_copy_is_missed_in_silence(options: Settings) -> None:
    listed = [1]
    text = prose(4)

    def answer(asked: sites.Request) -> sites.Answer:
        base = f"http://{asked.host}"
        if asked.path == "/feed":
            return sites.rss(f"{base}/report/{number}" for number in listed)
        if not asked.path.startswith("/report/"):
            return sites.Answer(status=404)
        return sites.Answer(sites.page(f"Bridge opens, part {asked.path[-1]}", text))

    with sites.serve(answer) as site:
        made = sites.followed(options, site)
        with connect(made) as store:
            assert check_fingerprints(store, made, utc_now()) == []  # nothing is there to be lost
        flows.ingest(made, "first")
        listed[:] = [2, 1]
        shutil.rmtree(fingerprints_root(made))
        with connect(made) as store:
            store.refresh()
            (told,) = check_fingerprints(store, made, utc_now())
            assert "nothing is there, while Elasticsearch has stories" in told
            script = "ctx._source.next_poll = '2020-01-01T00:00:00Z'"
            change(store, "feeds", {"match_all": {}}, script)
        with pytest.raises(Damaged, match=r"nothing is there.*wirewatch dedup rebuild"):
            flows.ingest(made, "second")
        with connect(made) as store:
            assert rebuild_fingerprints(store, made, utc_now()) == 1
        flows.ingest(made, "second")
    with connect(made) as store:
        store.refresh()
        assert len({story.cluster_id for story in store.stories.all()}) == 1
        assert store.stories.count()["stories"] == 2
        assert check_fingerprints(store, made, utc_now()) == []
