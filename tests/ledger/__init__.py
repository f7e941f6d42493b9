"""Tests of the ledger and its stores."""
