"""Pages that are generated say what the code says."""

import pytest

from wirewatch import settings
from wirewatch.airflow.docs import render
from wirewatch.settings import project_root


@pytest.mark.airflow
def test_the_page_of_dags_is_true() -> None:
    page = (project_root() / "docs" / "dags.md").read_text("utf-8")
    assert page == render(project_root() / "dags"), "write it anew: make docs"


def test_the_page_of_options_is_true() -> None:
    page = (project_root() / "docs" / "options.md").read_text("utf-8")
    assert page == settings.render(), "write it anew: make docs"
