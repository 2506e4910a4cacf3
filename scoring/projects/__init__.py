"""Write dbt projects: look at a table, propose a model, write and build it."""
