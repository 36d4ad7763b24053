"""What runs on this machine: Elasticsearch, Airflow, the sample newsroom, and all three at once."""
