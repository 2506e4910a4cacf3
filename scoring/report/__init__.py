"""A static site about the models of a warehouse: cards, plots and history, readable without a network."""

from scoring.report.site import Written, write

__all__ = ["Written", "write"]
