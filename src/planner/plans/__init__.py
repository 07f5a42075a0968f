"""Plan files: load, save, order, drafts."""
