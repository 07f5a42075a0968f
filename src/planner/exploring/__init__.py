"""What is asked back of estimates: the best layout, the smallest cluster, sweeps, and what matters most."""
