"""Giving the monitor's identity what it needs, and taking it back: with the rights of whoever runs the command."""
