"""Camera streams and device sockets turned into packets, segments, positions and readings."""
