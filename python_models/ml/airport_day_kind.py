"""The model airport_day_kind: what kinds of days the airports had."""


def model(dbt, session):
    """Return the training rows."""
    dbt.config(materialized="ml_model")
    return dbt.ref("fct_airport_days").project("* exclude (airport_id, flight_date)")
