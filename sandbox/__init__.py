"""A tenant in a box, and the demo that plays a bad morning in it. Never deployed."""
