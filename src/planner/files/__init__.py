"""TOML and JSON in and out, with errors a person can act on."""
