"""Small Functions apps that the tests of the harness, and the benchmark, give to a worker."""
