"""Values to text and JSON: the only place where numbers become strings."""
