"""Frames turned into detections, tracks and events with a place on the ground."""
