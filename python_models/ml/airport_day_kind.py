"""The model airport_day_kind, trained in a dbt Python model: one row per version, appended."""

from training import train


def model(dbt, session):
    """Return the row of a new version, or none where nothing has changed."""
    dbt.config(materialized="incremental")
    return train(
        dbt.ref("fct_airport_days").project("* exclude (airport_id, flight_date)"),
        model_name=dbt.this.identifier,
        config=dbt.config.meta_get("ml"),
        session=session,
    )
