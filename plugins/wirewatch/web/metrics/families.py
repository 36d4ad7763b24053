"""Families of figures, as Prometheus knows them, out of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily

from wirewatch.store.waits import Wait

Labels = tuple[str, ...]
L = TypeVar("L", bound=Labels)


def gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    """A figure by itself."""
    return GaugeMetricFamily(f"wirewatch_{name}", about, value=value)


def gauges(name: str, about: str, labels: Labels, values: Mapping[L, float]) -> GaugeMetricFamily:
    """A figure for each of several things."""
    family = GaugeMetricFamily(f"wirewatch_{name}", about, labels=labels)
    for one, value in values.items():
        family.add_metric(one, value)
    return family


def instants(
    name: str, about: str, labels: Labels, values: Mapping[L, datetime | None]
) -> GaugeMetricFamily:
    """When something was, in seconds since 1970; what never was is left out."""
    known = {one: when.timestamp() for one, when in values.items() if when is not None}
    return gauges(name, about, labels, known)


def waits(
    name: str, about: str, labels: Labels, values: Mapping[L, Wait]
) -> GaugeHistogramMetricFamily:
    """How long things took that ended in a span of time: a histogram that may sink again."""
    family = GaugeHistogramMetricFamily(f"wirewatch_{name}", about, labels=labels)
    for one, wait in values.items():
        within = [(str(float(bound)), float(count)) for bound, count in wait.within]
        family.add_metric(one, [*within, ("+Inf", float(wait.count))], wait.total)
    return family
