"""A screen as one HTML file: the page, the case in its words, and its worlds, without a server.

What runs in the file is named by its hash, and nothing else may: the file can be sent to somebody
who trusts neither us nor the mail. Text of the case goes in as JSON, never as markup.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import offramp
from offramp import Case
from offramp.web import views


def saved(case: Case, look: bytes, item: str, view: Mapping[str, str], folder: Path) -> str:
    """The file. `item`: the question that it opens on; `view`: the author (`as`), the changed
    ranges (`w`) and the day (`on`), as the page's addresses have them; `folder`: where the built
    page lies. Raises OSError without it."""
    index = (folder / "index.html").read_text("utf-8")
    script = _inlined(index, r'src="/(assets/[\w.-]+\.js)"', folder)
    style = _fonts(_inlined(index, r'href="/(assets/[\w.-]+\.css)"', folder), folder)
    # A string of the code must not end the element that it stands in.
    script = script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    base = f"/api/c/{quote(case.id, safe='')}"
    held = {
        "case": case.id,
        "saved": dt.date.today().isoformat(),
        "version": offramp.__version__,
        "answers": {
            base: views.summary(case),
            f"{base}/passages": views.passages(case),
            **{
                f"{base}/grounds/{quote(q.id, safe='')}": views.grounds(case, q.id)
                for q in case.questions
                if q.id == item
            },
        },
        "worlds": base64.b64encode(look).decode("ascii"),
    }
    # No text of a document is in it, also where the screen shows one: texts do not leave.
    data = json.dumps(held, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src {hash_of(script)}; style-src {hash_of(style)}; "
        "font-src data:; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    start = f"#/c/{quote(case.id)}/forecast/{quote(item)}" + (f"?{urlencode(view)}" if view else "")
    return f"""<!doctype html>
<html lang="en" data-start="{html.escape(start, quote=True)}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="{html.escape(policy, quote=True)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(case.crisis.title)}: Offramp</title>
<style>{style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This file draws its charts itself and needs JavaScript; it loads nothing.</noscript>
<script type="application/json" id="held">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def _inlined(index: str, pattern: str, folder: Path) -> str:
    """The one file of the built page that a pattern finds in its index."""
    found = re.search(pattern, index)
    if found is None:
        raise FileNotFoundError("the built page has no such file")
    return (folder / found.group(1)).read_text("utf-8")


def _fonts(style: str, folder: Path) -> str:
    """The style sheet with its fonts inside it."""

    def inside(found: re.Match[str]) -> str:
        content = base64.b64encode((folder / "assets" / found.group(1)).read_bytes())
        return f"url(data:font/woff2;base64,{content.decode('ascii')})"

    return re.sub(r"url\(/assets/([\w.-]+\.woff2)\)", inside, style)


def hash_of(text: str) -> str:
    """A script or a style sheet as a policy names it."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
