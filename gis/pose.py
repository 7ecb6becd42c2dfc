"""A camera's pose out of a row: the one place that knows its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.model import LonLat, Pose


def pose_of(row: Mapping[str, Any], prefix: str = "") -> Pose | None:
    """The pose in the columns ``lon``, ``lat``, ``height_m``, ``yaw_deg``, ``pitch_deg``, ``hfov_deg``, ``roll_deg``,
    ``pose_sigma_deg``, ``pose_k1``, ``pose_k2`` and ``pose_covariance``, each but the first two with ``prefix`` before
    it. None where one of the first six is."""
    height_m, yaw_deg, pitch_deg, hfov_deg = (
        row[prefix + name] for name in ("height_m", "yaw_deg", "pitch_deg", "hfov_deg")
    )
    if None in (height_m, yaw_deg, pitch_deg, hfov_deg):
        return None
    covariance = row[f"{prefix}pose_covariance"]
    return Pose(
        LonLat(row["lon"], row["lat"]),
        height_m,
        yaw_deg,
        pitch_deg,
        hfov_deg,
        roll_deg=row[f"{prefix}roll_deg"],
        sigma_deg=row[f"{prefix}pose_sigma_deg"],
        k1=row[f"{prefix}pose_k1"],
        k2=row[f"{prefix}pose_k2"],
        covariance=None if covariance is None else tuple(covariance),
    )
