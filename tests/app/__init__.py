"""What the Functions app and `dawnwatch serve` do."""
