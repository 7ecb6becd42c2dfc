"""The telemetry gateway: vehicles, hydrology stations and emission monitors over TCP, one file per protocol."""
