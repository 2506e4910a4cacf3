"""What each feature adds to a raw score: the entry points of the group ``warehouse_ml.explainers``."""

from __future__ import annotations

import numpy as np

from scoring.explainers import Explainer, Values
from scoring.signature import Signature
from training.export.lightgbm_text import read_booster
from training.export.preprocessing_instants import Instants


def lightgbm(native_model: str, signature: Signature) -> Explainer:
    """Return the explainer of a LightGBM model.

    Contributions are Shapley values of the trees, from TreeSHAP (Lundberg, Erion and Lee 2018,
    https://arxiv.org/abs/1802.03888) as LightGBM computes it: what is not known of a row
    follows the training rows. Those of the parts of an instant are added up.

    Parameters
    ----------
    native_model
        The model as LightGBM writes it.
    signature
        The features it was fitted on.

    Raises
    ------
    ValueError
        If the text is not whole.
    """
    booster = read_booster(native_model)
    instants = Instants.of(signature)
    starts = np.argsort(instants.sources, kind="stable")
    edges = np.searchsorted(np.sort(instants.sources), np.arange(instants.features))

    def explain(matrix: Values) -> Values:
        expanded = instants.expanded(matrix)
        # One thread: the database already calls from as many as there are cores.
        contributions = booster.predict(expanded, pred_contrib=True, num_threads=1)
        contributions = np.asarray(contributions).reshape(len(matrix), -1, expanded.shape[1] + 1)
        by_feature = np.add.reduceat(contributions[:, :, starts], edges, axis=2)
        return np.concatenate([by_feature, contributions[:, :, -1:]], axis=2)

    return explain
