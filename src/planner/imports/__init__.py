"""Models and plans from files of other programs: what they say in their words becomes what we say in ours."""
