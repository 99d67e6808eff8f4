"""Shows the inside of a pipeline's networks: at work, and in the course of their training."""
