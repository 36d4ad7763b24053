"""The stages as plain functions, batch in, batch out, and the flows that they make.

A stage may be killed and run again with the same arguments: batch files are written whole, ids are
stable, writes are create-only or compare-and-set. ``flow`` has the tables of stages,
``runner`` runs them without Airflow.
"""
