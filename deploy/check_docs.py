"""Fails when a document lags behind the program, or a query behind its callers.

Without arguments: every command-line verb and environment variable stands in ``docs/administration.md``, no document
names one that is gone, every relative link leads somewhere, every term of the glossary has both languages. With
``--sql``: every named query has a caller in its package, and the migrations are numbered without a hole.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ADMINISTRATION = ROOT / "docs" / "administration.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
# Read by scripts and tests before the program runs, so the program's own settings do not list them.
SCRIPT_VARIABLES = {"WANGLOU_CHROMIUM", "WANGLOU_CAMERA_PASSWORD", "WANGLOU_BACKEND"}


def _tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def _verbs(parser: argparse.ArgumentParser, prefix: str = "wanglou") -> list[str]:
    found: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                below = _verbs(child, f"{prefix} {name}")
                found += below or [f"{prefix} {name}"]
    return found


def documents() -> list[str]:
    """What is wrong with the documents, a sentence each."""
    from web.cli import build_parser
    from web.environment import Environment

    wrong: list[str] = []
    administration = ADMINISTRATION.read_text(encoding="utf-8")
    for verb in _verbs(build_parser()):
        if f"`{verb}" not in administration:
            wrong.append(f"docs/administration.md does not describe `{verb}`")
    known = {f"WANGLOU_{name.upper()}" for name in Environment.model_fields} | SCRIPT_VARIABLES
    known -= {"WANGLOU_DATABASE_URL", "WANGLOU_PORTAL_DATABASE_URL"}
    for variable in sorted(known | {"DATABASE_URL", "PORTAL_DATABASE_URL"}):
        if f"`{variable}`" not in administration:
            wrong.append(f"docs/administration.md does not describe `{variable}`")
    for path in _tracked("*.md"):
        text = path.read_text(encoding="utf-8")
        shown = path.relative_to(ROOT)
        for variable in sorted(set(re.findall(r"\bWANGLOU_[A-Z0-9_]+\b", text)) - known):
            wrong.append(f"{shown} names {variable}, which the program does not know")
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in link and not (path.parent / link).exists():
                wrong.append(f"{shown} links to {link}, which is not there")
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if (
            line.startswith("|")
            and not re.match(r"\|[ -]+\|", line)
            and not re.search(r"[\u4e00-\u9fff]", line)
        ):
            wrong.append(f"docs/glossary.md: no Chinese in: {line}")
    return wrong


def queries() -> list[str]:
    """What is wrong with the SQL, a sentence each."""
    from gis.db import load_queries
    from gis.migrate import PACKAGES, migrations

    wrong: list[str] = []
    migrations()
    for package in PACKAGES:
        code = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / package).rglob("*.py"))
        for name in load_queries(ROOT / package / "sql"):
            if not re.search(rf"[\"']{name}[\"']", code):
                wrong.append(f"{package}/sql: query '{name}' has no caller in {package}")
    return wrong


if __name__ == "__main__":
    problems = queries() if "--sql" in sys.argv else documents()
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)
