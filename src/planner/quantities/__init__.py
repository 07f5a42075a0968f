"""Each quantity of an estimate, declared once beside the function that computes it."""
