"""The server around Gradio: checks of requests, visitors' files, the link preview, the GPU that a Space lends."""
