"""Personal data: which columns hold it, where they come from, and what must not take them in."""
