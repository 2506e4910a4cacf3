"""What is wrong with an installation or a project, and what fixes it."""
