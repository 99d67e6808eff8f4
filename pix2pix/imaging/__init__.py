"""Functions from pictures to pictures. Nothing here has weights."""
