"""What goes over the wire: the console API's request and response bodies, one module per subject.

The conventions stand in :mod:`web.schemas.common`.
"""
