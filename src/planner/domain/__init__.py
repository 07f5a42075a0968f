"""What a plan, a profile, a run and a rule are made of: frozen, strict models."""
