"""What a dbt run reports to the outside at its end: alerts, to a file and a webhook, and metrics for Prometheus."""
