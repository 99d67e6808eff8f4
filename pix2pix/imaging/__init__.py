"""From picture to picture, without weights."""
