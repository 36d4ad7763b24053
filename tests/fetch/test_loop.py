"""The event loop that fetching runs on."""

import asyncio
import gc

import pytest

from wirewatch.fetch import loop


def test_it_runs_on_uvloop_and_gives_python_its_collector_back() -> None:
    before = gc.get_threshold()

    async def main() -> tuple[str, int]:
        return type(asyncio.get_running_loop()).__module__, gc.get_threshold()[0]

    assert loop.run(main()) == ("uvloop", loop.ALLOCATIONS)
    assert gc.get_threshold() == before


def test_the_collector_is_given_back_after_an_error_too() -> None:
    before = gc.get_threshold()

    async def main() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop.run(main())
    assert gc.get_threshold() == before
