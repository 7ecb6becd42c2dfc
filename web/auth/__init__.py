"""Who is there: passwords, sessions, throttling, and what a browser is told to allow."""
