"""The trees behind an estimate's numbers: equation, inputs, units and evidence of each."""
