"""DAGs from flows: the one place where tasks are made.

A task calls one stage of the flow's table. What the stages need is imported in the tasks: reading a
DAG file must stay cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, Param, TriggerRule, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from wirewatch import settings
from wirewatch.airflow.notifier import TaskFailed
from wirewatch.pipeline.flow import STORIES, TRIES, Flow, Shape, Stage, documented
from wirewatch.records import Batch, from_dict, to_dict

ASSETS = {STORIES: Asset(name=STORIES, uri=f"wirewatch://{STORIES}")}
TABLE = "{stages}"  # where a DAG's documentation has the table of its stages

# Tries over some three minutes outlast a restart of Elasticsearch; the next run is then near.
DEFAULTS: dict[str, Any] = {
    "owner": "wirewatch",
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
}
FRAME = timedelta(minutes=5)  # the time-out of a run's first and last task: a few requests each


def build(
    flow: Flow,
    *,
    schedule: Any,
    doc: str,
    params: Mapping[str, Param] | None = None,
    defaults: Mapping[str, Any] | None = None,
    runs: int = 1,
) -> DAG:
    """The DAG of a flow: a task a stage, mapped where each batch is a call, in the frame of a run.

    ``doc`` is Markdown; ``{stages}`` in it becomes the table of the stages.
    So many ``runs`` of it may be under way at once.
    """
    with DAG(
        dag_id=flow.kind,
        schedule=schedule,
        catchup=False,
        max_active_runs=runs,
        default_args={**DEFAULTS, **(defaults or {})},
        params=dict(params or {}),
        doc_md=doc.replace(TABLE, documented(flow)),
        tags=["wirewatch"],
    ) as dag:
        run = _begin(flow)
        given: dict[str, Any] = {}
        before = run
        for stage in flow.stages:
            call = _task(flow, stage)
            if stage.shape == Shape.START:
                given[stage.name] = call(run)
                if flow.framed:
                    before >> given[stage.name]
            elif stage.shape == Shape.EACH:
                given[stage.name] = call.expand(taken=before)
            else:
                given[stage.name] = call(run, before)
            before = given[stage.name]
        if flow.framed:
            before >> _finish(flow, run, given)
    return dag


def _begin(flow: Flow) -> Any:
    """The first task, which gives the run's id."""
    if not flow.framed:
        return f"{flow.prefix}{{{{ run_id }}}}"

    @task(retries=TRIES - 1, execution_timeout=FRAME, on_failure_callback=[TaskFailed()])
    def begin(run_id: str | None = None) -> str:
        from wirewatch.pipeline import turns
        from wirewatch.pipeline.frame import begin
        from wirewatch.troubles import tasks

        given, run = settings.load(), f"{flow.prefix}{run_id}"
        try:
            begin(given, run, flow.kind, holder=turns.holder_of(run), wait=given["run.wait"])
        except turns.Busy as busy:  # the next run is near
            raise AirflowSkipException(str(busy)) from busy
        tasks.worked(given, flow.kind)
        return run

    return begin()


def _task(flow: Flow, stage: Stage) -> Any:
    """The task of a stage."""
    options: dict[str, Any] = {
        "task_id": stage.name,
        "execution_timeout": timedelta(minutes=stage.minutes),
        "retries": stage.tries - 1,
    }
    if stage.pool:
        options |= {"pool": stage.pool}
    if stage.despite_losses:  # a batch that was lost does not hold up the others
        options["trigger_rule"] = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
    if stage.announces:
        options["outlets"] = [ASSETS[stage.announces]]
    if not flow.framed:  # no account tells that it failed
        options["on_failure_callback"] = [TaskFailed()]

    def call(run: str | None, taken: list[Batch], params: Any) -> list[dict[str, Any]]:
        from wirewatch.pipeline import turns
        from wirewatch.pipeline.runner import perform, perform_once
        from wirewatch.troubles import tasks

        given, run = settings.load(), _began(run)
        if flow.framed:
            turns.keep(given, flow.kind, run, turns.holder_of(run))
        perform_it = perform_once if stage.once else perform
        got = perform_it(stage, given, run, taken, params or {})
        if not flow.framed:
            tasks.worked(given, flow.kind)
        if stage.announces and not got:
            raise AirflowSkipException("nothing is new: there is nothing to announce")
        return [to_dict(one) for one in got]

    if stage.shape == Shape.START:

        def start(run: str, params: Any = None) -> list[dict[str, Any]]:
            return call(run, [], params)

        return task(**options)(start)
    if stage.shape == Shape.EACH:

        def each(taken: dict[str, Any], params: Any = None) -> dict[str, Any]:
            batch = from_dict(Batch, taken)
            return call(batch.run, [batch], params)[0]

        return task(**options)(each)

    def whole(run: str, taken: list[dict[str, Any]], params: Any = None) -> list[dict[str, Any]]:
        return call(run, _batches(taken), params)

    return task(**options)(whole)


def _finish(flow: Flow, run: Any, given: Mapping[str, Any]) -> Any:
    """The last task: the account. A run that failed has failed at every try."""

    @task(retries=TRIES - 1, execution_timeout=FRAME, trigger_rule=TriggerRule.ALL_DONE)
    def finish(run: str | None, given: dict[str, Any], ti: Any = None) -> dict[str, Any]:
        if not run and _skipped(ti, "begin"):
            raise AirflowSkipException("another run was under way: see the log of 'begin'")
        from wirewatch.pipeline.account import log_account
        from wirewatch.pipeline.frame import RunFailed, finish

        batches = {name: None if got is None else _batches(got) for name, got in given.items()}
        try:
            account = finish(settings.load(), flow, _began(run), batches)
        except RunFailed as error:
            raise AirflowFailException(str(error)) from error
        log_account(account)
        return to_dict(account)

    return finish(run, dict(given))


def _skipped(ti: Any, task_id: str) -> bool:
    """Whether a task of this run was skipped."""
    states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[ti.run_id])
    return bool(states.get(ti.run_id, {}).get(task_id) == "skipped")


def _began(run: str | None) -> str:
    """The run's id. Where ``begin`` failed there is none: the task fails at once, untried again."""
    if not run:
        raise AirflowFailException("the run did not begin: see the log of 'begin'")
    return run


def _batches(values: Iterable[dict[str, Any]]) -> list[Batch]:
    """Batch references out of what tasks returned; a failed or skipped one of them has none."""
    return [from_dict(Batch, value) for value in values if value]
