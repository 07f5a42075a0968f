"""What a plan's cluster is accepted by, and what its plan is worth after it was."""
