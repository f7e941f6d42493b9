"""Where transitions go: a pure render and a thin send for each channel."""
