"""What Airflow's plugin loader finds; everything beside it is hidden from the loader, which would
execute each file of a package as a module of its own (see ``.airflowignore``)."""

from wirewatch.airflow.plugin import WirewatchPlugin

__all__ = ["WirewatchPlugin"]
