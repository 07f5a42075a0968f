"""Profiles and runs: search path, layering, lookup, provenance."""
