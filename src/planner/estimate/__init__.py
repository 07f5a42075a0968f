"""Plan to estimate, the one way, and the explanation of each of its numbers."""
