"""What tools print: tables of collectives, copies and ports, and the lines of training logs."""
