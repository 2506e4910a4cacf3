"""Metrics, baselines and gates of a version."""
