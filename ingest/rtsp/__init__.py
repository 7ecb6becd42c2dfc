"""Our own RTSP engine: one camera's protocol and media as pure state, one thread that moves every camera's bytes."""
