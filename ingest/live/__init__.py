"""Live pictures: WebRTC, Media Source Extensions, snapshots, and the portal's HLS files."""
