"""The console's API, the public portal, the command line, and the screens."""
