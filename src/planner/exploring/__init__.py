"""What is asked back of estimates: the best layouts, the smallest cluster, what limits a plan."""
