"""Apache Spark as the engine: the session, tables to Arrow and back, the state beside it, and the SQL functions."""
