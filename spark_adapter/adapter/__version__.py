"""The series of dbt-spark that this adapter inherits from."""

version = "1.11.0"
