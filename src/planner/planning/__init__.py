"""From a plan to its estimate, the one way."""
