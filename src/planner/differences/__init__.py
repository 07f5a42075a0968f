"""What two or more plans differ in."""
