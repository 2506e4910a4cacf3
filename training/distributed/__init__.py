"""Training in Spark's executors: the rows stay there, and the driver sees a sample of them."""
