"""The Arrow schema of a version row: one row of ``ml.<model_name>``."""

from __future__ import annotations

import pyarrow as pa

_TEXT, _REAL, _WHOLE, _INSTANT = pa.string(), pa.float64(), pa.int64(), pa.timestamp("us")


def records(**fields: pa.DataType) -> pa.DataType:
    """Return the type of a list of structs with these fields."""
    return pa.list_(pa.struct(fields))


VERSION_SCHEMA = pa.schema(
    {
        "model_name": _TEXT,
        "version": pa.int32(),
        "created_at": _INSTANT,
        "task": _TEXT,
        "label": _TEXT,
        "key": _TEXT,
        "time_column": _TEXT,
        "weight_column": _TEXT,
        "slices": pa.list_(_TEXT),
        "estimator": _TEXT,
        "params": _TEXT,
        "seed": _WHOLE,
        "signature": pa.struct(
            {
                "features": records(
                    name=_TEXT,
                    type=_TEXT,
                    nulls=_TEXT,
                    unseen=_TEXT,
                    null_value=_REAL,
                    unseen_value=_REAL,
                    categories=pa.list_(_TEXT),
                ),
                "outputs": records(name=_TEXT, type=_TEXT),
                "classes": pa.list_(_TEXT),
                "threshold": _REAL,
            }
        ),
        "split": pa.struct(
            {
                "method": _TEXT,
                "column": _TEXT,
                "validation": _REAL,
                "test": _REAL,
                "parts": records(split=_TEXT, rows=_WHOLE, starts_at=_INSTANT, ends_at=_INSTANT),
                "salt": _TEXT,
            }
        ),
        "training_snapshot": pa.struct(
            {
                "rows": _WHOLE,
                "fingerprint": _TEXT,
                "cutoff": _INSTANT,
                "features": records(
                    name=_TEXT,
                    type=_TEXT,
                    nulls=_WHOLE,
                    distinct_values=_WHOLE,
                    mean=_REAL,
                    stddev=_REAL,
                    min=_REAL,
                    max=_REAL,
                ),
            }
        ),
        "reference_profile": records(
            kind=_TEXT,
            feature=_TEXT,
            type=_TEXT,
            slice_column=_TEXT,
            slice_value=_TEXT,
            row_count=_WHOLE,
            nulls=_WHOLE,
            non_finite=_WHOLE,
            mean=_REAL,
            stddev=_REAL,
            bins=records(bin=_TEXT, lower=_REAL, upper=_REAL, mean=_REAL, row_count=_WHOLE),
        ),
        "training_set": pa.struct(
            {
                "query": _TEXT,
                "cutoff": _INSTANT,
                "models_sha256": _TEXT,
                "inputs": records(
                    relation=_TEXT, is_raw=pa.bool_(), reads=pa.list_(_TEXT), fingerprint=_TEXT
                ),
                "problem": _TEXT,
            }
        ),
        "data_fingerprint": _TEXT,
        "config_hash": _TEXT,
        "changes": pa.list_(_TEXT),
        "code_version": _TEXT,
        "library_versions": records(name=_TEXT, version=_TEXT),
        "metrics": records(
            dataset=_TEXT, predictor=_TEXT, slice_column=_TEXT, slice_value=_TEXT, metric=_TEXT, value=_REAL
        ),
        "curves": records(dataset=_TEXT, curve=_TEXT, x=_REAL, y=_REAL, threshold=_REAL),
        "confusion": records(dataset=_TEXT, actual=_TEXT, predicted=_TEXT, rows=_WHOLE),
        "gates": records(
            metric=_TEXT, dataset=_TEXT, comparison=_TEXT, threshold=_REAL, slice_column=_TEXT, severity=_TEXT
        ),
        "champion_version": pa.int32(),
        "feature_importance": records(feature=_TEXT, gain=_REAL, splits=_WHOLE),
        "feature_selection": records(feature=_TEXT, is_selected=pa.bool_(), reason=_TEXT, value=_REAL),
        "tuning_trials": records(
            trial=pa.int32(),
            estimator=_TEXT,
            params=_TEXT,
            metric=_TEXT,
            value=_REAL,
            state=_TEXT,
            seconds=_REAL,
        ),
        "parity": pa.struct(
            {
                "max_absolute_difference": _REAL,
                "max_relative_difference": _REAL,
                "largest_allowed": _REAL,
                "rows_compared": _WHOLE,
            }
        ),
        "training_seconds": _REAL,
        "peak_memory_bytes": _WHOLE,
        "artifact": pa.binary(),
        "artifact_sha256": _TEXT,
        "native_model": _TEXT,
        "sql_form": pa.struct({"raw_score": _TEXT, "prediction": _TEXT}),
        "scoring_sha256": _TEXT,
        "notices": pa.list_(_TEXT),
        "dbt_invocation_id": _TEXT,
        "pruned_at": _INSTANT,
        "pruned_by": _TEXT,
    }
)
"""Columns of a version row, in order: what training writes and scoring reads."""
