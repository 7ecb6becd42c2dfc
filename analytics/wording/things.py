"""What the events of the rules about things and crowds say."""

from __future__ import annotations

from analytics.model import Track, Zone
from analytics.wording import WHO, facts

_BY_HEIGHT = ("（按目标高度估算）", " (estimated from its height in the picture)")


def names(zone: Zone) -> tuple[str, str]:
    """The zone in quotation marks, in Chinese and in English."""
    return f"“{zone.name}”", f"“{zone.name_en or zone.name}”"


def speed(ms: float, sigma_ms: float | None = None) -> str:
    """A speed as people here read it, the same in both languages but for the unit's name."""
    error = f"±{sigma_ms:.1f}" if sigma_ms is not None else ""
    return f"{ms:.1f}{error} m/s ({ms * 3.6:.0f} km/h)"


def wrong_way(
    zone: Zone, track: Track, against_m: float, for_s: float, on_ground: bool
) -> tuple[str, str]:
    """It goes against the arrow."""
    zh, en = names(zone)
    zh_who, en_who = WHO[track.kind]
    zh_facts, en_facts = facts(track, zone)
    zh_by, en_by = ("", "") if on_ground else _BY_HEIGHT
    return (
        f"{zh_who}在{zh}逆行约 {against_m:.1f} 米{zh_by}，持续 {for_s:.1f} 秒{zh_facts}。",
        f"{en_who} went about {against_m:.1f} m{en_by} against the way of {en}, for {for_s:.1f} s{en_facts}.",
    )  # fmt: skip


def loitering(
    zone: Zone, track: Track, inside_s: float, walked_m: float, radius_m: float, visits: int
) -> tuple[str, str]:
    """It stays about, walking to and fro."""
    zh, en = names(zone)
    zh_who, en_who = WHO[track.kind]
    zh_facts, en_facts = facts(track, zone)
    zh_times = f"分 {visits} 次" if visits > 1 else ""
    en_times = f" over {visits} visits" if visits > 1 else ""
    return (
        f"{zh_who}在{zh}内{zh_times}逗留 {inside_s:.0f} 秒，在半径 {radius_m:.0f} 米内走动约 {walked_m:.0f} 米{zh_facts}。",
        f"{en_who} stayed {inside_s:.0f} s{en_times} in {en}, walking about {walked_m:.0f} m within {radius_m:.0f} m{en_facts}.",
    )  # fmt: skip


def fast_motion(
    zone: Zone, track: Track, ms: float, sigma_ms: float, limit_ms: float, on_ground: bool
) -> tuple[str, str]:
    """It is too fast."""
    zh, en = names(zone)
    zh_who, en_who = WHO[track.kind]
    zh_facts, en_facts = facts(track, zone)
    zh_by, en_by = ("", "") if on_ground else _BY_HEIGHT
    return (
        f"{zh_who}在{zh}内以 {speed(ms, sigma_ms)} 移动{zh_by}，超过限值 {speed(limit_ms)}{zh_facts}。",
        f"{en_who} moved at {speed(ms, sigma_ms)}{en_by} in {en}, over the limit of {speed(limit_ms)}{en_facts}.",
    )  # fmt: skip


def stopped_vehicle(zone: Zone, track: Track, standing_s: float, passed: int) -> tuple[str, str]:
    """A vehicle stands where vehicles drive."""
    zh, en = names(zone)
    zh_facts, en_facts = facts(track, zone)
    zh_others = f"其间有 {passed} 辆车从旁驶过" if passed else "其间无其他车辆通过"
    en_others = (
        f"{passed} other{'s' if passed > 1 else ''} drove past meanwhile"
        if passed
        else "nothing else drove there meanwhile"
    )
    return (
        f"一辆车辆在{zh}停驶 {standing_s:.0f} 秒，{zh_others}{zh_facts}。",
        f"A vehicle has stood on {en} for {standing_s:.0f} s; {en_others}{en_facts}.",
    )  # fmt: skip


def congestion(
    zone: Zone, ms: float, limit_ms: float, vehicles: int, filled: float, for_s: float
) -> tuple[str, str]:
    """Traffic hardly moves."""
    zh, en = names(zone)
    jam = ms < limit_ms / 2
    return (
        f"{zh}{'严重拥堵' if jam else '拥堵'}：{vehicles} 辆车的中位速度 {speed(ms)}，不高于限值 {speed(limit_ms)}，"
        f"车辆占区域 {filled * 100:.0f}%，已持续 {for_s:.0f} 秒。",
        f"{'Heavy congestion' if jam else 'Congestion'} on {en}: {vehicles} vehicles at a median of {speed(ms)}, at or "
        f"below the limit of {speed(limit_ms)}; they fill {filled * 100:.0f} % of it, for {for_s:.0f} s now.",
    )  # fmt: skip


def people_count(
    zone: Zone, people: int, sigma: float | None, limit: float, for_s: float
) -> tuple[str, str]:
    """Too many people; ``sigma`` where their number is an estimate."""
    zh, en = names(zone)
    zh_many, en_many = f"有 {people} 人", f"{people} people"
    if sigma is not None:
        give = max(1, round(sigma))
        zh_many = f"约有 {people} 人（无法逐一分辨，按所占画面估算，±{give} 人）"
        en_many = f"About {people} people (estimated from what they cover, ±{give})"
    return (
        f"{zh}内{zh_many}，达到限值 {limit:.0f} 人，已持续 {for_s:.0f} 秒。",
        f"{en_many} in {en}, at or over the limit of {limit:.0f}, for {for_s:.0f} s now.",
    )


def crowd_density(
    zone: Zone,
    per_m2: float,
    limit: float,
    people: float,
    sigma: float | None,
    area_m2: float | None,
    filled: float,
    for_s: float,
) -> tuple[str, str]:
    """People stand too close; ``sigma`` where their number is an estimate."""
    zh, en = names(zone)
    if area_m2 is None:
        zh_area = f"画面中该区域被人占 {filled * 100:.0f}%（无位姿，折算）"
        en_area = f"they fill {filled * 100:.0f} % of it in the picture (no pose: converted)"
    else:
        zh_give = f"（估算，±{max(1, round(sigma))} 人）" if sigma is not None else ""
        en_give = f" (estimated, ±{max(1, round(sigma))})" if sigma is not None else ""
        zh_area = f"{area_m2:.0f} 平方米内约 {people:.0f} 人{zh_give}"
        en_area = f"about {people:.0f} people{en_give} on {area_m2:.0f} m²"
    return (
        f"{zh}人群密度约 {per_m2:.1f} 人/平方米，达到限值 {limit:.1f}：{zh_area}，已持续 {for_s:.0f} 秒。",
        f"Crowd density in {en} is about {per_m2:.1f} people/m², at or over the limit of {limit:.1f}: {en_area}, "
        f"for {for_s:.0f} s now.",
    )  # fmt: skip


def abnormal_motion(
    zone: Zone, times: float, limit: float, for_s: float, people: int, known: bool
) -> tuple[str, str]:
    """They fight, or run apart."""
    zh, en = names(zone)
    zh_usual, en_usual = (
        ("此处平时", "usual here")
        if known
        else (
            "一般场景（仍在学习此处平时情况）",
            "usual elsewhere (still learning what is usual here)",
        )
    )
    zh_who = f"，附近 {people} 人" if people else ""
    en_who = f"; {people} people there" if people else ""
    return (
        f"{zh}内动作剧烈、方向杂乱，程度为{zh_usual}的 {times:.1f} 倍（限值 {limit:.1f} 倍），已持续 {for_s:.1f} 秒{zh_who}。",
        f"Motion in {en} is {times:.1f} times as violent and disordered as is {en_usual} (limit {limit:.1f}), "
        f"for {for_s:.1f} s now{en_who}.",
    )


def many_crossed(zone: Zone, many: int, limit: float, within_s: float) -> tuple[str, str]:
    """So many went over a line."""
    zh, en = names(zone)
    return (
        f"{within_s / 60:.0f} 分钟内有 {many} 次越过{zh}，达到限值 {limit:.0f} 次。",
        f"{en} was crossed {many} times within {within_s / 60:.0f} min, at or over the limit of {limit:.0f}.",
    )
