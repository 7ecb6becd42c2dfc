"""Help for tests that need a real counterpart."""
