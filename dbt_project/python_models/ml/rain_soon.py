"""The model rain_soon, trained in a dbt Python model: one row per version, appended."""

from training import train


def model(dbt, session):
    """Return a new version of the model, or no row where nothing has changed."""
    dbt.config(materialized="incremental")
    training_set = dbt.ref("rain_soon_features").filter("is_rain_soon is not null")
    history = session.table(str(dbt.this)) if dbt.is_incremental else None
    return train(
        training_set,
        model_name=dbt.this.identifier,
        config=dbt.config.meta_get("ml"),
        history=history,
    )
