"""The model flight_delay, trained in a dbt Python model: one row per version, appended."""

from training import train


def model(dbt, session):
    """Return the row of a new version, or none where nothing has changed."""
    dbt.config(materialized="incremental")
    training_set = dbt.ref("flight_delay_training")
    history = session.table(str(dbt.this)) if dbt.is_incremental else None
    return train(
        training_set,
        model_name=dbt.this.identifier,
        config=dbt.config.meta_get("ml"),
        history=history,
    )
