"""The Arrow schema of a row of a monitor: what was measured of one version, slice and period."""

from __future__ import annotations

import pyarrow as pa

from scoring.version_schema import records

_TEXT, _REAL, _WHOLE, _INSTANT = pa.string(), pa.float64(), pa.int64(), pa.timestamp("us")

MONITOR_SCHEMA = pa.schema(
    {
        "model_schema": _TEXT,
        "model_name": _TEXT,
        "version": pa.int32(),
        "role": _TEXT,
        "slice_column": _TEXT,
        "slice_value": _TEXT,
        "period": _TEXT,
        "period_start": _INSTANT,
        "period_end": _INSTANT,
        "row_count": _WHOLE,
        "labelled_rows": _WHOLE,
        "profile": records(
            feature=_TEXT,
            kind=_TEXT,
            type=_TEXT,
            row_count=_WHOLE,
            nulls=_WHOLE,
            non_finite=_WHOLE,
            unseen=_WHOLE,
            mean=_REAL,
            stddev=_REAL,
            min=_REAL,
            max=_REAL,
            bins=records(bin=_TEXT, lower=_REAL, upper=_REAL, row_count=_WHOLE),
        ),
        "drift": records(
            feature=_TEXT,
            kind=_TEXT,
            compared_with=_TEXT,
            reference_start=_INSTANT,
            row_count=_WHOLE,
            reference_rows=_WHOLE,
            psi=_REAL,
            psi_lower=_REAL,
            psi_upper=_REAL,
            js_distance=_REAL,
            ks=_REAL,
            wasserstein=_REAL,
            null_share_change=_REAL,
            new_category_share=_REAL,
            empty_bins=pa.int32(),
            verdict=_TEXT,
            reason=_TEXT,
        ),
        "metrics": records(
            metric=_TEXT, value=_REAL, estimate=_REAL, estimate_lower=_REAL, estimate_upper=_REAL
        ),
        "measured_at": _INSTANT,
        "dbt_invocation_id": _TEXT,
    }
)
"""Columns of a monitor's table, in order."""
