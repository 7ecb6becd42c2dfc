"""The synthetic city: its map, cameras, vehicles and sensors, all speaking real protocols."""
