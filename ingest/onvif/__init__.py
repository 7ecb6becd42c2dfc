"""Cameras by ONVIF: finding them, describing them, turning them.

``model``, ``errors``, ``address``, ``suggest`` and ``discovery`` import nothing heavy. ``soap``, ``device`` and
``turn`` import the SOAP library (tens of megabytes, most of a second), so import those where they are first needed.
"""
