"""Places, roads, pipes, tiles, coordinates, and the PostGIS database under all of it."""
