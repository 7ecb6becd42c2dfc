"""The sentences on alarms and incidents, in both languages. Pure."""

from __future__ import annotations

from command.model import Cause, IncidentType, Words

_THING = {
    "person": Words("人", "Person"),
    "vehicle": Words("车", "Vehicle"),
    "other": Words("物体", "Object"),
}
# HJ 212-2017 appendix B codes, and the quantities this system names itself.
_QUANTITY = {
    "water_level_m": Words("水位", "Water level"),
    "rain_mm": Words("雨量", "Rainfall"),
    "battery_v": Words("电压", "Battery voltage"),
    "w00000": Words("污水流量", "Waste water flow"),
    "w01001": Words("pH 值", "pH"),
    "w01018": Words("化学需氧量", "Chemical oxygen demand"),
    "w21001": Words("总氮", "Total nitrogen"),
    "w21003": Words("氨氮", "Ammonia nitrogen"),
    "w21011": Words("总磷", "Total phosphorus"),
    "a00000": Words("废气流量", "Waste gas flow"),
    "a21002": Words("氮氧化物", "Nitrogen oxides"),
    "a21026": Words("二氧化硫", "Sulphur dioxide"),
    "a34013": Words("烟尘", "Particulate matter"),
}
_TYPE: dict[IncidentType, Words] = {
    "intrusion": Words("人员闯入", "Intrusion"),
    "fire": Words("火灾", "Fire"),
    "flood": Words("积水内涝", "Flooding"),
    "traffic": Words("交通事故", "Traffic accident"),
    "medical": Words("医疗急救", "Medical emergency"),
    "pipe_burst": Words("管道爆裂", "Pipe burst"),
    "pollution": Words("环境污染", "Pollution"),
    "panic": Words("紧急求助", "Panic button"),
    "other": Words("其他警情", "Other incident"),
}


_RULE = {
    "wrong_way": Words("逆行", "Wrong way"),
    "loitering": Words("有人徘徊", "Loitering"),
    "people_count": Words("人数超限", "Too many people"),
    "crowd_density": Words("人群密集", "Crowd too dense"),
    "abnormal_motion": Words("动作异常", "Abnormal motion"),
    "fast_motion": Words("快速移动", "Fast motion"),
    "stopped_vehicle": Words("车辆停驶", "Stopped vehicle"),
    "congestion": Words("交通拥堵", "Congestion"),
    "left_object": Words("有遗留物", "Object left"),
    "removed_object": Words("物品被移走", "Object removed"),
    "smoke": Words("冒烟", "Smoke"),
    "fire": Words("起火", "Fire"),
    "water_on_road": Words("路面积水", "Water on the road"),
    "water_level": Words("水位越限", "Water level"),
    "camera_occluded": Words("画面被遮挡", "Camera occluded"),
    "camera_blurred": Words("画面模糊", "Camera blurred"),
    "camera_moved": Words("摄像头被移动", "Camera moved"),
    "camera_dark": Words("画面过暗", "Camera dark"),
    "camera_frozen": Words("画面冻结", "Camera frozen"),
}
"""What a rule of analytics says of its place."""


def quantity(name: str) -> Words:
    """What a quantity is called; an unknown code stands for itself."""
    return _QUANTITY.get(name, Words(name, name))


def alarm_title(cause: Cause, place: Words | None) -> Words:
    """``重点院落有人闯入：北门水厂西侧`` / ``Person in guarded yard: west of North Gate waterworks``."""
    what = _what(cause)
    if place is None:
        return what
    return Words(f"{what.zh}：{place.zh}", f"{what.en}: {place.en}")


def _what(cause: Cause) -> Words:
    subject, thing = cause.subject, _THING.get(cause.thing, _THING["other"])
    match cause.kind:
        case "intrusion":
            return Words(f"{subject.zh}有{thing.zh}闯入", f"{thing.en} in {subject.en}")
        case "line_crossing":
            return Words(f"{subject.zh}有{thing.zh}越线", f"{thing.en} crossed {subject.en}")
        case "sos":
            return Words(f"{subject.zh}紧急求助", f"Panic button of {subject.en}")
        case "threshold":
            return _threshold(cause)
        case "disk_warn" | "disk_alarm":
            return _filling(cause)
        case "disk_short":
            return Words(
                "录像磁盘空间不足，正在提前删除最旧的录像",
                "Recording disk full: the oldest footage goes before its time",
            )
        case "disk_locked":
            return Words(
                "锁定的录像占满了录像磁盘，录像将要停止",
                "Locked footage fills the recording disk: recording is about to stop",
            )
        case "tier_lost":
            return Words(
                f"存储层 {subject.zh} 无法使用", f"Storage tier {subject.en} cannot be used"
            )
        case "camera_lost":
            return Words(f"摄像头 {subject.zh} 失联", f"Camera {subject.en} is lost")
        case kind if kind in _RULE:
            return Words(f"{subject.zh}{_RULE[kind].zh}", f"{_RULE[kind].en}: {subject.en}")
        case kind:
            return Words(
                f"{subject.zh}有{thing.zh}触发 {kind}", f"{kind}: {thing.en} at {subject.en}"
            )


def _filling(cause: Cause) -> Words:
    used, limit = cause.value or 0.0, cause.limit_value or 0.0
    return Words(
        f"录像磁盘已用 {used:.0f}%，超过 {limit:.0f}%",
        f"Recording disk {used:.0f} % full, over {limit:.0f} %",
    )


def _threshold(cause: Cause) -> Words:
    name, unit = quantity(cause.thing), f" {cause.unit}" if cause.unit else ""
    value, limit = cause.value, cause.limit_value
    if value is None:
        return Words(
            f"{cause.subject.zh}{name.zh}越限", f"{name.en} at {cause.subject.en} over its limit"
        )
    zh, en = (
        f"{cause.subject.zh}{name.zh} {value:g}{unit}",
        f"{name.en} at {cause.subject.en} {value:g}{unit}",
    )
    if limit is None:
        return Words(f"{zh} 越限", f"{en}, outside its limit")
    over = value >= limit
    return Words(
        f"{zh}，{'高于' if over else '低于'}限值 {limit:g}{unit}",
        f"{en}, {'above' if over else 'below'} its limit {limit:g}{unit}",
    )


def incident_title(kind: IncidentType, place: Words | None) -> Words:
    """``火灾：人民路`` / ``Fire: Renmin Road``."""
    name = _TYPE[kind]
    if place is None:
        return name
    return Words(f"{name.zh}：{place.zh}", f"{name.en}: {place.en}")
