"""What a model's YAML block says: read once, checked as a whole, one frozen spec."""
