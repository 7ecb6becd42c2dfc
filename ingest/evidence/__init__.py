"""Evidence: footage packed with its proof, and the proof checked."""
