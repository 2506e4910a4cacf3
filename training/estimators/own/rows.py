"""Whether a model that the user's own code fitted takes the rows that came with it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from scoring import columns
from scoring.signature import ERROR, Signature
from training.estimators.own.errors import OwnModelError


def check_rows(rows: pa.Table, signature: Signature, *, model: str, kind: str) -> None:
    """Check that rows have no values that the signature rejects.

    Parameters
    ----------
    rows
        The rows.
    signature
        The model's own features.
    model, kind
        Name and class of the model, for error messages.

    Raises
    ------
    training.estimators.own.errors.OwnModelError
        If a feature is missing or infinite somewhere.
    """
    for feature in signature.features:
        if ERROR not in (feature.nulls, feature.unseen):
            continue
        chunks = rows.column(feature.name).chunks
        values = np.concatenate([columns.numbers(chunk) for chunk in chunks])
        if feature.nulls == ERROR and (missing := int(np.isnan(values).sum())):
            raise OwnModelError.missing_values(model, kind, feature.name, missing, len(values))
        if feature.unseen == ERROR and (infinite := int(np.isinf(values).sum())):
            raise OwnModelError.infinite_values(model, kind, feature.name, infinite, len(values))
