"""A bad morning in the box, played on a simulated clock: the real monitor looks, the real channels tell."""

from sandbox.demo.play import main

__all__ = ["main"]
