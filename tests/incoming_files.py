"""Files for tests of what is taken in, made in code: web pages, PDF, Word; honest and hostile."""

from __future__ import annotations

import io
import zipfile

PARAGRAPHS = (
    "The fishing boats that press the claim are paid and directed by its government, and they "
    "come and go as the ministry asks, within limits that everybody knows.",
    "Four patrol vessels are on station, and another eight are a week away and ready to sail, or "
    "so the ministry of the other side has told the newspapers.",
    "War at sea is not expected this spring, and if it came it would come by mishap, say the "
    "people who have watched these waters for longest.",
)
HTML = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Aldery | A quarrel at sea</title>
<meta property="og:title" content="A quarrel at sea"><meta name="author" content="Mara Ilvane">
<meta property="og:site_name" content="Aldery Institute">
<meta property="article:published_time" content="2021-03-24T10:00:00Z">
<style>p {{ color: red }}</style><script src="https://elsewhere.example/x.js"></script></head>
<body onload="alert(1)">
<nav><ul><li><a href="/">Home</a></li><li>About the institute</li></ul></nav>
<script>document.write("scripted")</script><article><h1>A quarrel at sea</h1>
<p>{PARAGRAPHS[0]}</p><p hidden>nobody sees this</p>
<p>{PARAGRAPHS[1].replace("eight", "<b>eight</b>")}</p><img src="https://elsewhere.example/1.png">
<p>{PARAGRAPHS[2]}</p></article>
<footer><p>Cookies. All rights reserved.</p></footer></body></html>
"""


def pdf(*pages: str, title: str = "", font: bool = True, script: str = "") -> bytes:
    """A PDF with a page for each text, in the oldest and plainest form of the format."""
    action = f"/OpenAction << /S /JavaScript /JS ({script}) >>" if script else ""
    objects = [f"<< /Type /Catalog /Pages 2 0 R {action} >>", ""]
    objects.append(
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    )
    kids = []
    for page in pages:
        rows = [
            x.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            for x in page.split("\n")
        ]
        shown = " ".join(f"({row}) Tj T*" for row in rows)
        drawn = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET" if font else "72 72 100 100 re f"
        data = drawn.encode("cp1252").decode("latin-1")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(data)} >>\nstream\n{data}\nendstream")
    objects[1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(kids)}] >>"
    objects.append(f"<< /Title ({title}) /Author (Joren Tass) /CreationDate (D:20210328120000Z) >>")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size "
        f"{len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
        f"startxref\n{len(out)}\n%%EOF\n"
    )
    return out.encode("latin-1")


def rewritten_pdf(data: bytes, change) -> bytes:  # type: ignore[no-untyped-def]
    """The PDF after something was done to it by pypdf."""
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(data))), io.BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def docx(*paragraphs: str, title: str = "A quarrel at sea") -> bytes:
    from docx import Document

    file, out = Document(), io.BytesIO()
    file.core_properties.title, file.core_properties.author = title, "Mara Ilvane"
    for paragraph in paragraphs:
        file.add_paragraph(paragraph)
    file.save(out)
    return out.getvalue()


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    """A packed file with other contents of some names."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            content = changes.get(name) if name in changes else old.read(name)
            assert content is not None
            new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
