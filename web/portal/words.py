"""The portal's words in both languages, and which of them a visitor reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the portal says. ``{…}`` are filled in."""

    code: Language
    title: str
    subtitle: str
    other_language: str
    views: str
    map_title: str
    map_hint: str
    live: str
    offline: str
    no_picture: str
    no_views: str
    seen: str
    delay_note: str
    no_delay_note: str
    now: str
    closed_title: str
    closed_text: str
    away_title: str
    away_text: str
    missing_title: str
    missing_text: str
    all_views: str
    still_note: str
    privacy: str
    seconds: str
    minutes: str
    skip: str


ZH = Words(
    code="zh-CN",
    title="望楼 · 城市实景",
    subtitle="城市公共视角的实时画面",
    other_language="English",
    views="全部视角",
    map_title="视角地图",
    map_hint="点击地图上的圆点观看该处画面",
    live="实景",
    offline="暂时没有信号",
    no_picture="此处暂时没有画面，请稍后再看",
    no_views="目前没有对外公布的视角",
    seen="画面摄于 {age}前",
    delay_note="为保护隐私与安全，公众画面延迟 {delay}播出。",
    no_delay_note="公众画面不另加延迟。",
    now="北京时间",
    closed_title="公众视角现已关闭",
    closed_text="值班人员暂时关闭了对外画面。请稍后再来，紧急情况请拨打 110、119 或 120。",
    away_title="暂时无法提供画面",
    away_text="系统正在恢复，请过一会儿刷新本页。紧急情况请拨打 110、119 或 120。",
    missing_title="没有这个页面",
    missing_text="这个视角不存在，或者已不再对外公布。",
    all_views="返回全部视角",
    still_note="未启用脚本：显示静止画面，每 15 秒更新。",
    privacy="本站不使用 Cookie，不记录访客身份。",
    seconds="{n} 秒",
    minutes="{n} 分钟",
    skip="跳到画面",
)
EN = Words(
    code="en",
    title="Wanglou · City views",
    subtitle="Live pictures of the city's public places",
    other_language="中文",
    views="All views",
    map_title="Map of views",
    map_hint="Choose a dot to watch that place",
    live="Live",
    offline="No signal now",
    no_picture="There is no picture here now; please look again later",
    no_views="No views are published now",
    seen="Seen {age} ago",
    delay_note="To protect privacy and safety, the public sees pictures {delay} late.",
    no_delay_note="The public's pictures are not held back.",
    now="China time",
    closed_title="The public views are closed",
    closed_text="The duty officer has closed them for now. Please come back later. In an emergency call 110, 119 or 120.",
    away_title="No pictures can be shown now",
    away_text="The system is recovering; reload this page in a moment. In an emergency call 110, 119 or 120.",
    missing_title="There is no such page",
    missing_text="This view does not exist, or is no longer published.",
    all_views="Back to all views",
    still_note="Scripts are off: you see stills, renewed every 15 seconds.",
    privacy="This site uses no cookies and does not record who visits it.",
    seconds="{n} s",
    minutes="{n} min",
    skip="Skip to the picture",
)
_BY_CODE: dict[str, Words] = {"zh-CN": ZH, "en": EN}


def choose(asked: str | None, accept_language: str | None) -> Words:
    """The words of ``?lang=``, else of the ``Accept-Language`` header's best match, else Chinese."""
    if asked in _BY_CODE:
        return _BY_CODE[asked]
    best, best_q = ZH, 0.0
    for part in (accept_language or "").split(","):
        name, _, rest = part.strip().partition(";")
        try:
            q = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            continue
        primary = name.strip().lower().split("-")[0]
        if q > best_q and primary in {"zh", "en"}:
            best, best_q = (ZH if primary == "zh" else EN), q
    return best


def duration(words: Words, seconds: float) -> str:
    """``40 s``, from two minutes on ``3 min``."""
    if seconds < 120:
        return words.seconds.format(n=max(0, round(seconds)))
    return words.minutes.format(n=round(seconds / 60))
