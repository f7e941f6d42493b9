"""Tests of the doctor: judgement as tables, and examinations of a tenant in a box over TLS."""
