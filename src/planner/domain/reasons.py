"""How the reasons of a plan that cannot run are told apart: what is wrong, and what would do."""

#: Stands before a way out.
WAY_OUT = "a way out: "
