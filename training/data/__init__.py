"""Training rows: a relation, checked, divided, fingerprinted, and built again as of an instant."""
