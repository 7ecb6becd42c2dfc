"""Who turns which camera: the lock with its priorities (``lock``), its rows (``store``), and the devices (``heads``).

It stands in ``web`` because its holders are people with roles; ``ingest`` knows neither.
"""
