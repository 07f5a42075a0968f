"""Plan AI training capacity: estimates with bands and evidence, in a terminal app and a command line."""

__version__ = "0.1.0"
