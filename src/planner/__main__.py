"""`python -m planner`: the command line, where its script is not on the path."""

from planner.cli.main import entry

if __name__ == "__main__":
    entry()
