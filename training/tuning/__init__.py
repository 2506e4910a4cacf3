"""The search for an estimator and its settings."""
