"""What an event says: one sentence, in Chinese and in English, with the facts that made it fire."""

from __future__ import annotations

from analytics.model import Kind, Nowhere, NowhereCode, Track, Zone

WHO: dict[Kind, tuple[str, str]] = {
    "person": ("一名人员", "A person"),
    "vehicle": ("一辆车辆", "A vehicle"),
    "other": ("一个移动目标", "A moving object"),
}
DIRECTION = {
    "left_to_right": ("从左向右", "from left to right"),
    "right_to_left": ("从右向左", "from right to left"),
}

NOWHERE: dict[NowhereCode, tuple[str, str]] = {
    "no_pose": ("摄像头的位姿未知", "the camera's pose is not known"),
    "turned_away": ("摄像头已转向别处", "the camera is turned away"),
    "above_horizon": ("在地平线以上", "above the horizon"),
    "too_far": ("太远", "too far"),
    "feet_hidden": ("看不见脚下", "feet hidden"),
}


def intrusion(zone: Zone, track: Track, inside_s: float) -> tuple[str, str]:
    """Somebody is in an area."""
    zh_who, en_who = WHO[track.kind]
    zh_facts, en_facts = facts(track, zone)
    if inside_s >= 0.5:
        zh = f"{zh_who}进入“{zone.name}”并停留 {inside_s:.1f} 秒"
        en = f"{en_who} entered “{zone.name_en or zone.name}” and stayed {inside_s:.1f} s"
    else:
        zh = f"{zh_who}进入“{zone.name}”"
        en = f"{en_who} entered “{zone.name_en or zone.name}”"
    return f"{zh}{zh_facts}。", f"{en}{en_facts}."


def line_crossing(zone: Zone, track: Track, direction: str) -> tuple[str, str]:
    """Somebody went over a line."""
    zh_who, en_who = WHO[track.kind]
    zh_way, en_way = DIRECTION[direction]
    zh_facts, en_facts = facts(track)
    return (
        f"{zh_who}{zh_way}越过“{zone.name}”{zh_facts}。",
        f"{en_who} crossed “{zone.name_en or zone.name}” {en_way}{en_facts}.",
    )


def facts(track: Track, zone: Zone | None = None) -> tuple[str, str]:
    """Size, speed, distance and how well the place is known, as far as each is known.

    With a ``zone``, also what it was judged by, where that is not the foot in the picture.
    """
    zh: list[str] = []
    en: list[str] = []
    if track.size is not None and track.kind == "vehicle":
        zh.append(f"宽约 {track.size.width_m:.1f} 米")
        en.append(f"about {track.size.width_m:.1f} m across")
    elif track.size is not None:
        zh.append(f"高约 {track.size.height_m:.1f} 米")
        en.append(f"about {track.size.height_m:.1f} m tall")
    if track.speed_ms is not None:
        zh.append(f"速度约 {track.speed_ms:.1f} 米/秒")
        en.append(f"moving at about {track.speed_ms:.1f} m/s")
    if track.distance_m is not None:
        zh.append(f"距镜头 {track.distance_m:.0f} 米")
        en.append(f"{track.distance_m:.0f} m from the camera")
    if track.fix is not None:
        zh.append(f"位置误差 ±{track.fix.ellipse.major_m:.1f} 米")
        en.append(f"placed within ±{track.fix.ellipse.major_m:.1f} m")
    elif track.nowhere is not None:
        zh_nowhere, en_nowhere = nowhere(track.nowhere)
        zh.append(f"无法定位（{zh_nowhere}）")
        en.append(f"no place on the map ({en_nowhere})")
    if zone is not None and zone.ground and track.fix is not None:
        zh.append("按地图上的位置判断")
        en.append("judged by its place on the map")
    zh.append(f"类别置信度 {track.confidence * 100:.0f}%")
    en.append(f"class confidence {track.confidence * 100:.0f} %")
    return "，" + "，".join(zh), ", " + ", ".join(en)


def nowhere(reason: Nowhere) -> tuple[str, str]:
    """Why a thing has no place on the map, in a few words."""
    if reason.code == "too_far" and reason.major_m is not None:
        return f"误差 ±{reason.major_m:.0f} 米，太远", f"±{reason.major_m:.0f} m: too far"
    return NOWHERE[reason.code]
