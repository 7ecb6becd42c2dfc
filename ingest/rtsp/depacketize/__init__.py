"""RTP payload formats: one file each, payloads in, access units out. Pure."""
