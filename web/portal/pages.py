"""The portal's pages. They need no script; one that is there makes the picture move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from web.portal import map as view_map
from web.portal.html import Html, join, tag
from web.portal.store import Setting, View
from web.portal.words import Words, duration

CHINA = timezone(timedelta(hours=8))
STYLE = "/portal.css"
SCRIPT = "/portal.js"
HLS = "/hls.js"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a page is made of. ``seen_at`` holds the capture time of each view's newest visible picture."""

    words: Words
    query: str  # "?lang=en" where the visitor chose a language, to be kept in links
    now: datetime
    setting: Setting
    views: Sequence[View]
    seen_at: Mapping[str, datetime]
    map_href: str
    with_hls: bool


def home(scene: Scene, chosen: View | None) -> str:
    """The chosen view large, every view small, and the map."""
    words = scene.words
    if chosen is None:
        body = tag("p", words.no_views, class_="empty")
        return _page(scene, words.title, body, player=False)
    box = view_map.frame(scene.views)
    drawn = (
        None
        if box is None
        else tag(
            "section",
            tag("h2", words.map_title),
            tag("p", words.map_hint, class_="hint"),
            view_map.inline(box, scene.views, words, chosen.code, scene.map_href, scene.query),
            class_="city",
        )
    )
    body = join(_player(scene, chosen), _list(scene, chosen), drawn)
    return _page(scene, f"{view_map.label(chosen, words)} · {words.title}", body, player=True)


def message(words: Words, query: str, title: str, text: str, back: bool) -> str:
    """A page that only says something: closed, away, not there."""
    link = tag("p", tag("a", words.all_views, href=f"/{query}")) if back else None
    body = tag("main", tag("h1", title), tag("p", text), link, class_="message", id="main")
    return _document(words, f"{title} · {words.title}", body, "")


def _page(scene: Scene, title: str, body: Html, player: bool) -> str:
    words = scene.words
    other = "en" if words.code == "zh-CN" else "zh-CN"
    china = scene.now.astimezone(CHINA)
    header = tag(
        "header",
        tag("a", words.skip, href="#main", class_="skip"),
        tag("a", tag("strong", words.title), tag("span", words.subtitle), href=f"/{scene.query}"),
        tag(
            "p",
            f"{words.now} ",
            tag("time", china.strftime("%H:%M:%S"), id="clock", datetime=_iso(scene.now)),
        ),
        tag("a", words.other_language, href=f"?lang={other}", hreflang=other, lang=other),
    )
    notice = (
        scene.setting.notice_en or scene.setting.notice
        if words.code == "en"
        else scene.setting.notice
    )
    banner = tag("p", notice, class_="notice", role="status") if notice else None
    delay = scene.setting.delay_s
    note = words.delay_note.format(delay=duration(words, delay)) if delay else words.no_delay_note
    footer = tag("footer", tag("p", note), tag("p", words.privacy))
    head = tag("noscript", tag("meta", http_equiv="refresh", content="15")) if player else ""
    scripts = join(
        tag("script", src=HLS, defer=True) if scene.with_hls else None,
        tag("script", src=SCRIPT, defer=True),
    )
    return _document(
        words,
        title,
        join(header, banner, tag("main", body, id="main"), footer),
        join(head, scripts),
    )


def _player(scene: Scene, view: View) -> Html:
    words = scene.words
    name = view_map.label(view, words)
    seen_at = scene.seen_at.get(view.code)
    if seen_at is None:
        picture = tag("p", words.no_picture, class_="empty")
    else:
        source = f"/live/{view.code}/index.m3u8"
        picture = tag(
            "video",
            tag("img", src=f"/live/{view.code}/poster.jpg", alt=name),
            id="live",
            poster=f"/live/{view.code}/poster.jpg",
            data_src=source,
            src=None if scene.with_hls else source,
            muted=True,
            autoplay=True,
            playsinline=True,
            controls=True,
            preload="none",
            aria_label=f"{words.live}: {name}",
        )
        picture = join(
            picture,
            tag(
                "noscript",
                tag("img", src=f"/live/{view.code}/poster.jpg", alt=name, class_="still"),
                tag("p", words.still_note, class_="hint"),
            ),
        )
    facts = tag(
        "p",
        _seen(scene, view, "seen"),
        class_="facts",
    )
    return tag(
        "section",
        tag("div", picture, class_="screen"),
        tag("h1", name),
        facts,
        class_="player",
        data_seen=words.seen,
        data_seconds=words.seconds,
        data_minutes=words.minutes,
        data_now=_iso(scene.now),
    )


def _list(scene: Scene, chosen: View) -> Html:
    words = scene.words
    items: list[Html] = []
    for view in scene.views:
        name = view_map.label(view, words)
        thumb = (
            tag(
                "img",
                src=f"/live/{view.code}/thumb.jpg",
                alt="",
                loading="lazy",
                width=160,
                height=90,
            )
            if view.code in scene.seen_at
            else tag("span", class_="blank")
        )
        items.append(
            tag(
                "li",
                tag(
                    "a",
                    thumb,
                    tag("strong", name),
                    _seen(scene, view, None),
                    href=f"/view/{view.code}{scene.query}",
                    aria_current="page" if view.code == chosen.code else None,
                ),
            )
        )
    return tag("section", tag("h2", words.views), tag("ul", *items, class_="views"), class_="all")


def _seen(scene: Scene, view: View, element_id: str | None) -> Html:
    """How old the newest picture is, and whether the camera is there at all."""
    words = scene.words
    seen_at = scene.seen_at.get(view.code)
    age = None
    if seen_at is not None:
        told = duration(words, (scene.now - seen_at).total_seconds())
        age = tag("time", words.seen.format(age=told), id=element_id, datetime=_iso(seen_at))
    offline = None if view.online else tag("span", f" {words.offline}", class_="offline")
    return tag("span", age, offline, class_="seen")


def _document(words: Words, title: str, body: Html, head: Html | str) -> str:
    return str(
        join(
            Html("<!doctype html>"),
            tag(
                "html",
                tag(
                    "head",
                    tag("meta", charset="utf-8"),
                    tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                    tag("meta", name="color-scheme", content="light dark"),
                    tag(
                        "meta",
                        name="theme-color",
                        content="#ffffff",
                        media="(prefers-color-scheme: light)",
                    ),
                    tag(
                        "meta",
                        name="theme-color",
                        content="#0b0f14",
                        media="(prefers-color-scheme: dark)",
                    ),
                    tag("title", title),
                    tag("link", rel="stylesheet", href=STYLE),
                    head,
                ),
                tag("body", body),
                lang=words.code,
            ),
        )
    )


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
