"""Solid bodies put together from flat faces: profiles drawn out across a width, boxes, wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.cameras.ink import Bgr

Floats = NDArray[np.float64]
Side = list[tuple[float, float]]
RUBBER: Bgr = (34, 34, 36)
HUB: Bgr = (150, 152, 154)


@dataclass(frozen=True, slots=True)
class Face:
    """A flat part: indices of its corners, outward normal in body axes, colour, and how far it lies on top."""

    corners: tuple[int, ...]
    normal: tuple[float, float, float]
    bgr: Bgr
    lift: int = 0  # faces of a higher lift lie on those below
    shiny: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A body in its own axes (ahead, right, up), origin on the ground under its middle."""

    vertices: Floats
    starts: tuple[int, ...]  # first corner of each face
    ends: tuple[int, ...]
    normals: Floats  # (faces, 3)
    centres: Floats  # (faces, 3)
    colours: Floats  # (faces, 3), BGR
    lifts: Floats
    shiny: Floats  # 1 for glass, else 0
    plain: NDArray[np.bool_]  # without windows, wheels, lights
    few: NDArray[np.bool_]  # without lights and hubs
    length_m: float
    width_m: float
    height_m: float


class Builder:
    def __init__(self) -> None:
        self.vertices: list[tuple[float, float, float]] = []
        self.faces: list[Face] = []

    def face(
        self,
        corners: list[tuple[float, float, float]],
        bgr: Bgr,
        lift: int = 0,
        shiny: bool = False,
    ) -> None:
        """Adds a face whose corners run counter-clockwise seen from outside."""
        p = np.array(corners)
        normal = np.cross(p[1] - p[0], p[2] - p[1])
        normal = normal / max(float(np.linalg.norm(normal)), 1e-9)
        start = len(self.vertices)
        self.vertices.extend(corners)
        x, y, z = (float(v) for v in normal)
        self.faces.append(
            Face(tuple(range(start, start + len(corners))), (x, y, z), bgr, lift, shiny)
        )

    def both_sides(
        self, outline: Side, half: Floats, bgr: Bgr, lift: int = 0, shiny: bool = False
    ) -> None:
        """A part of both flanks; ``outline`` (ahead, up) runs counter-clockwise seen from the right."""
        right = [(x, h, z) for (x, z), h in zip(outline, half, strict=True)]
        left = [(x, -h, z) for x, h, z in reversed(right)]
        self.face(right, bgr, lift, shiny)
        self.face(left, bgr, lift, shiny)

    def extrude(self, profile: Side, half: Floats, colours: list[tuple[Bgr, bool]]) -> None:
        """Strips across the width between profile points that run from the rear over the roof to the front."""
        for i in range(len(profile) - 1):
            (x0, z0), (x1, z1) = profile[i], profile[i + 1]
            bgr, shiny = colours[i]
            self.face(
                [(x0, -half[i], z0), (x1, -half[i + 1], z1), (x1, half[i + 1], z1), (x0, half[i], z0)][::-1],
                bgr, 0, shiny,
            )  # fmt: skip

    def wheels(self, stations: list[float], half: float, radius: float) -> None:
        angle = np.linspace(0, 2 * math.pi, 12, endpoint=False)
        for x in stations:
            for size, bgr, lift in ((radius, RUBBER, 2), (radius * 0.58, HUB, 3)):
                ring = [(x + size * math.cos(a), half, radius + size * math.sin(a)) for a in angle]
                self.face(ring, bgr, lift)
                self.face([(px, -half, pz) for px, _, pz in reversed(ring)], bgr, lift)

    def box(
        self, x0: float, x1: float, half: float, z0: float, z1: float, bgr: Bgr, lift: int = 0
    ) -> None:
        self.both_sides([(x0, z0), (x1, z0), (x1, z1), (x0, z1)][::1], np.full(4, half), bgr, lift)
        self.face(
            [(x1, half, z0), (x1, -half, z0), (x1, -half, z1), (x1, half, z1)][::-1], bgr, lift
        )
        self.face(
            [(x0, -half, z0), (x0, half, z0), (x0, half, z1), (x0, -half, z1)][::-1], bgr, lift
        )
        self.face([(x0, -half, z1), (x1, -half, z1), (x1, half, z1), (x0, half, z1)], bgr, lift)

    def build(self, length: float, width: float, height: float) -> Model:
        vertices = np.array(self.vertices)
        # Whatever way the corners were given: normals point away from the body's middle.
        faces = []
        middle = np.array([0.0, 0.0, height * 0.45])
        for face in self.faces:
            normal = np.array(face.normal)
            centre = vertices[list(face.corners)].mean(axis=0)
            if normal @ (centre - middle) < 0:
                normal = -normal
            x, y, z = (float(v) for v in normal)
            faces.append(Face(face.corners, (x, y, z), face.bgr, face.lift, face.shiny))
        return Model(
            vertices,
            tuple(f.corners[0] for f in faces),
            tuple(f.corners[-1] + 1 for f in faces),
            np.array([f.normal for f in faces]),
            np.array([vertices[list(f.corners)].mean(axis=0) for f in faces]),
            np.array([f.bgr for f in faces], dtype=np.float64),
            np.array([f.lift for f in faces], dtype=np.float64),
            np.array([f.shiny for f in faces], dtype=np.float64),
            np.array([f.lift == 0 or f.shiny for f in faces]),
            np.array([f.lift < 2 or f.bgr == RUBBER for f in faces]),
            length,
            width,
            height,
        )
