"""Recording: compressed packets to indexed files, what is kept how long, and playing it back."""
