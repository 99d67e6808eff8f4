"""A look inside the networks of a pipeline, at work and over their training."""
