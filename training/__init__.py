"""Train a model version from a relation: the one row that a warehouse keeps of it."""

from training.train import train

__all__ = ["train"]
