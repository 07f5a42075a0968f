"""What takes several steps with somebody: files, drafts, pins, choices, edits; behind a small protocol."""
