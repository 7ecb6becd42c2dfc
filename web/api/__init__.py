"""The console's API, one file per kind of thing."""
