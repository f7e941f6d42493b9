"""What speed and memory cost, measured against the least that would do: `make bench`. Never deployed."""
