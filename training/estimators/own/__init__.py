"""Models that the user's own code fitted, as Python files return them."""
