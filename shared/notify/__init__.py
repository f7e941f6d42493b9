"""The end of a datum's way: transitions become a Teams card or CloudEvents (pure), and are sent (thin)."""
