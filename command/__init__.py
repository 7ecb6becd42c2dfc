"""Alarms, incidents, units: from something seen to people moving."""
