"""Training of both models: `loop.py` runs, `pix2pix.py` and `dcgan.py` say what one step is."""
