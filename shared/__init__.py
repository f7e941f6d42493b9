"""Dawnwatch: what a tenant's daily data depends on, watched before people open their portals."""
