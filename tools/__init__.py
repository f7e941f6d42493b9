"""What make runs: nothing here is deployed or installed."""
