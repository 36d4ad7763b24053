"""What only Airflow needs: the asset, the defaults of every task. No other folder imports it."""
