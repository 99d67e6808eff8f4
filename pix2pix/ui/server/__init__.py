"""What guards the server: requests, files, preview, the GPU that a Space lends."""
