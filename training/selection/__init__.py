"""Which features a model learns from."""
