"""Values to text, Markdown and JSON: the only place where numbers become strings."""
