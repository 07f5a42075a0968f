"""Estimates as lines of styled text: pure functions of a view and a width, no widget known here."""
