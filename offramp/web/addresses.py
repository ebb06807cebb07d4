"""The addresses of the workbench.

`/` and whatever begins with `/c/` is the page itself, which reads its address; `/assets/` are its
files; below `/api/` stands what it asks for. `/seat/TOKEN` is the page of a seat in a game, and
`/api/seat/TOKEN` what that asks for.
"""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import offramp
from offramp import Case, Mistake, OfframpError, Unanswerable
from offramp.text import plain_json
from offramp.text.changed import ranges_of
from offramp.web import editing, stating, views, whatifs
from offramp.web.desk import Desk, Wanted, loaded_at_once, page_folder
from offramp.web.guard import CSP, FAULT, FRAMED, Guard, Keys, TooLong
from offramp.web.making import Order, Paper, ordered
from offramp.web.runs import Full, Lines, Progress, Runs, why
from offramp.web.saved import hash_of, saved
from offramp.web.seating import LONG, Place, Stale, Table

STUDIES = (
    *("why", "butfor", "choice", "compare", "condition", "days"),
    *("claims", "facts", "coverage", "policies"),
)
ENOUGH = 3000  # worlds, as many as the page shows at last
MOST_DAYS = 16  # of a question's course
DIGITS = 9  # of a number in an address
MOST_STORIES = 1_000_000  # worlds that can be told


def app(desk: Desk, keys: Keys, port: int) -> Guard:
    """The server of a desk, behind its guard."""
    runs = Runs()
    inner = Starlette(
        routes=[
            Route("/api/cases", partial(_cases, desk)),
            Route("/api/c/{case}", partial(_view, desk, views.summary)),
            Route("/api/c/{case}/passages", partial(_view, desk, views.passages)),
            Route("/api/c/{case}/texts", partial(_texts, desk)),
            Route("/api/c/{case}/text/{document}", partial(_text, desk)),
            Route("/api/c/{case}/reports", partial(_view, desk, views.reports)),
            Route("/api/c/{case}/grounds/{question}", partial(_grounds, desk)),
            Route("/api/c/{case}/links", partial(_links, desk)),
            Route("/api/c/{case}/story/{world}", partial(_story, desk)),
            Route("/api/c/{case}/worlds", partial(_worlds, desk, runs)),
            Route("/api/c/{case}/lived", partial(_lived, desk, runs)),
            Route("/api/c/{case}/saved", partial(_saved, desk, runs)),
            Route("/api/c/{case}/brief", partial(_brief, desk, runs)),
            Route("/api/c/{case}/page", partial(_one_page, desk, runs)),
            Route("/api/c/{case}/desk/{kind}", partial(_make, desk, runs)),
            Route("/api/c/{case}/paper/{kind}.{ending}", partial(_paper, desk)),
            Route("/api/c/{case}/answers", partial(_answers, desk, runs)),
            Route("/api/c/{case}/whatifs", partial(_whatifs, desk)),
            Route("/api/c/{case}/keep", partial(_keep, desk), methods=["POST"]),
            Route("/api/c/{case}/state", partial(_state, desk)),
            Route("/api/c/{case}/reread", partial(_reread, desk), methods=["POST"]),
            Route("/api/c/{case}/files", partial(_files, desk)),
            Route("/api/c/{case}/file", partial(_file, desk)),
            Route("/api/c/{case}/check", partial(_check, desk), methods=["POST"]),
            Route("/api/c/{case}/write", partial(_write, desk), methods=["POST"]),
            Route("/api/c/{case}/passage", partial(_passage, desk), methods=["POST"]),
            Route("/api/c/{case}/numbers", partial(_view, desk, stating.numbers)),
            Route("/api/c/{case}/stated", partial(_stated, desk), methods=["POST"]),
            Route("/api/c/{case}/effect", partial(_effect, desk, runs), methods=["POST"]),
            Route("/api/c/{case}/journal", partial(_view, desk, editing.told)),
            Route("/api/c/{case}/candidates/{document}", partial(_candidates, desk)),
            Route("/api/c/{case}/ends", partial(_ends, desk), methods=["POST"]),
            Route("/api/c/{case}/document", partial(_document, desk), methods=["POST"]),
            Route("/api/c/{case}/undo", partial(_undo, desk), methods=["POST"]),
            Route("/api/c/{case}/copy", partial(_copy, desk), methods=["POST"]),
            Route("/api/c/{case}/whatif", partial(_whatif, desk, runs), methods=["POST"]),
            Route("/api/c/{case}/study/{study}", partial(_study, desk, runs)),
            Route("/api/c/{case}/games", partial(_games, desk)),
            Route("/api/c/{case}/games", partial(_start, desk), methods=["POST"]),
            Route("/api/c/{case}/game/{game}", partial(_game, desk)),
            Route("/api/c/{case}/game/{game}/seat/{actor}", partial(_seen, desk)),
            Route("/api/c/{case}/game/{game}/inject", partial(_inject, desk), methods=["POST"]),
            Route("/api/c/{case}/game/{game}/branch", partial(_branch, desk), methods=["POST"]),
            Route("/api/c/{case}/game/{game}/clock", partial(_clock, desk), methods=["POST"]),
            Route("/api/c/{case}/game/{game}/pause", partial(_pause, desk), methods=["POST"]),
            Route("/api/seat/{token}", partial(_seat, desk)),
            Route("/api/seat/{token}/answer", partial(_sealed, desk), methods=["POST"]),
            Route("/api/seat/{rest:path}", _no_seat, methods=["GET", "POST", "DELETE"]),
            Route("/seat/{token:path}", partial(_seat_page, desk)),
            Mount("/assets", StaticFiles(directory=page_folder() / "assets", check_dir=False)),
            Route("/licences", _licences),
            Route("/", _page),
            Route("/c/{rest:path}", _page),
        ],
        exception_handlers={
            OfframpError: _refused,
            editing.Changed: _changed,
            Stale: _changed,
            OSError: _unread,
            TooLong: _too_long,
            Full: _full,
            HTTPException: _plain,
            ClientDisconnect: _nobody,
            Exception: _fault,
        },
    )
    inner.router.redirect_slashes = False  # an address leads to one place, or nowhere
    return Guard(inner, keys, port, loaded_at_once())


async def _page(request: Request) -> Response:
    return _of_the_page("index.html")


async def _licences(request: Request) -> Response:
    return _of_the_page("LICENSES.txt", media_type="text/plain; charset=utf-8")


def _of_the_page(name: str, media_type: str | None = None) -> Response:
    path = page_folder() / name
    if not path.is_file():
        raise HTTPException(404, f"the page is gone ({name}): install Offramp again")
    return FileResponse(path, media_type=media_type)


async def _cases(desk: Desk, request: Request) -> Response:
    return JSONResponse(views.shelf(desk.cases, desk.shipped))


def _name(desk: Desk, request: Request) -> str:
    """The case that is asked for. Raises HTTPException."""
    name = str(request.path_params["case"])
    if name not in desk.cases:
        raise HTTPException(404, f"the case '{name[:80]}' is not open here")
    return name


async def _view(desk: Desk, view: Callable[[Any], dict[str, Any]], request: Request) -> Response:
    found = await asyncio.to_thread(view, desk.case(_name(desk, request)))
    return JSONResponse(found)


async def _under(desk: Desk, request: Request) -> Case:
    """The case that is asked for, under the premises of the author in `as`."""
    author = request.query_params.get("as", "")
    return await asyncio.to_thread(desk.under, _name(desk, request), author)


async def _texts(desk: Desk, request: Request) -> Response:
    name = _name(desk, request)
    found = await asyncio.to_thread(views.texts, desk.case(name), partial(desk.text, name))
    return JSONResponse(found)


async def _text(desk: Desk, request: Request) -> Response:
    name, document = _name(desk, request), request.path_params["document"]
    if document not in desk.case(name).documents:
        raise HTTPException(404, f"{name[:80]} has no document '{document[:80]}'")
    try:
        content = await asyncio.to_thread(desk.text, name, document)
    except Unanswerable as error:
        raise HTTPException(404, str(error)) from None
    return JSONResponse(views.text(document, content))


async def _grounds(desk: Desk, request: Request) -> Response:
    case = await _under(desk, request)
    found = await asyncio.to_thread(views.grounds, case, request.path_params["question"])
    return JSONResponse(found)


async def _links(desk: Desk, request: Request) -> Response:
    case = await _under(desk, request)
    return JSONResponse(await asyncio.to_thread(views.links, case))


async def _story(desk: Desk, request: Request) -> Response:
    case, seed = await _under(desk, request), _number(request, "seed", 1)
    world = _whole("world", request.path_params["world"])
    if world >= MOST_STORIES:
        raise HTTPException(404, "no such world")
    return JSONResponse(await asyncio.to_thread(views.story, case, seed, world))


async def _worlds(desk: Desk, runs: Runs, request: Request) -> Response:
    name, wanted = _name(desk, request), _wanted(request)
    content = await asyncio.to_thread(desk.kept, name, wanted)
    if not content and "kept" not in request.query_params:

        def work(progress: Progress) -> bytes:
            return desk.look(name, wanted, progress)

        content = await runs.whole(work, request.receive)
    if not content:
        return Response(status_code=204)
    if wanted.worlds >= ENOUGH:  # the page has all that it shows: what is asked next is what if
        own = (name, wanted.author, wanted.seed)
        threading.Thread(target=desk.ready, args=own, daemon=True).start()
    headers = {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _lived(desk: Desk, runs: Runs, request: Request) -> Response:
    """Makes worlds that are to be had by `_worlds` then, for a page that shows how far it is."""
    name, wanted = _name(desk, request), _wanted(request)

    def work(progress: Progress) -> dict[str, Any]:
        desk.look(name, wanted, progress)
        return {"schema": "offramp.web.lived/1", "worlds": wanted.worlds}

    return Lines(runs, work)


def _wanted(request: Request) -> Wanted:
    query = request.query_params
    return Wanted(
        author=query.get("as", ""),
        worlds=_number(request, "n", 3000),
        seed=_number(request, "seed", 1),
        supposed="plain" not in query,
        as_of=query.get("on") or None,
    )


async def _saved(desk: Desk, runs: Runs, request: Request) -> Response:
    """The screen as a file."""
    name, query = _name(desk, request), request.query_params
    case, author = await _under(desk, request), query.get("as", "")
    day = query.get("on") or None
    worlds = _number(request, "n", 3000)
    wanted = Wanted(author=author, worlds=worlds, seed=_number(request, "s", 1), as_of=day)

    def made(progress: Progress) -> str:
        look = desk.look(name, wanted, progress)
        view = {key: query[key] for key in ("as", "w", "on") if query.get(key)}
        return saved(case, look, query.get("item", ""), view, page_folder())

    return _taken(await runs.whole(made, request.receive), f"{name}.html")


async def _brief(desk: Desk, runs: Runs, request: Request) -> Response:
    """The brief as a file: of free worlds, or of those conditioned on the reports until a day."""
    case, seed = await _under(desk, request), _number(request, "s", 1)
    day = request.query_params.get("on")

    def made(progress: Progress) -> str:
        if day:
            known = offramp.known_forecast(case, day, worlds=2048, seed=seed, progress=progress)
            return offramp.brief(case, known)
        forecast = offramp.forecast(case, worlds=2000, seed=seed, progress=progress)
        return offramp.brief(case, forecast)

    return _taken(await runs.whole(made, request.receive), f"{case.id}-brief.html")


async def _one_page(desk: Desk, runs: Runs, request: Request) -> Response:
    """One page as a file; `quick` without what takes minutes."""
    case, query = desk.case(_name(desk, request)), request.query_params
    day, seed, quick = query.get("on") or None, _number(request, "s", 1), "quick" in query

    def made(progress: Progress) -> str:
        found = offramp.essentials(case, as_of=day, seed=seed, quick=quick, progress=progress)
        return offramp.page(case, found)

    return _taken(await runs.whole(made, request.receive), f"{case.id}-page.html")


def _ordered(request: Request) -> Order:
    """What of the desk an address wants. Raises Mistake, HTTPException."""
    worlds, seed = _number(request, "worlds", 0), _number(request, "s", 1)
    return ordered(str(request.path_params["kind"]), request.query_params, worlds, seed)


async def _make(desk: Desk, runs: Runs, request: Request) -> Response:
    """Makes a document that is to be had by `_paper` then; with `kept` only says whether it is."""
    name, order = _name(desk, request), _ordered(request)
    if "kept" in request.query_params:
        paper = desk.paper(name, order)
        return JSONResponse(_told(paper))

    def work(progress: Progress) -> dict[str, Any]:
        return _told(desk.make(name, order, progress))

    return Lines(runs, work)


def _told(paper: Paper | None) -> dict[str, Any]:
    """What the page is told of a document: whether there is one, its command, its passages."""
    schema = {"schema": "offramp.web.paper/1", "kept": paper is not None}
    return schema | ({"command": paper.command, "cites": list(paper.cites)} if paper else {})


async def _paper(desk: Desk, request: Request) -> Response:
    """A document that was made: its page to be looked at in a frame, where nothing runs, or its PDF
    to be saved."""
    name, order, ending = _name(desk, request), _ordered(request), request.path_params["ending"]
    paper = desk.paper(name, order)
    if paper is None or ending not in ("html", "pdf"):
        raise HTTPException(404, "this document is not at hand: make it on the screen Desk")
    file = quote(f"{name}-{order.kind}.{ending}")
    if ending == "pdf":
        headers = {"content-disposition": f'attachment; filename="{file}"'}
        return Response(paper.pdf, media_type="application/pdf", headers=headers)
    styles = re.findall(r"<style>(.*?)</style>", paper.html.decode("utf-8"), flags=re.S)
    policy = FRAMED.format(styles=" ".join(map(hash_of, styles)) or "'none'")
    headers = {"content-disposition": f'inline; filename="{file}"', CSP: policy}
    return Response(paper.html, media_type="text/html; charset=utf-8", headers=headers)


async def _answers(desk: Desk, runs: Runs, request: Request) -> Response:
    """The answers as a file with a row each."""
    name, query = _name(desk, request), request.query_params
    case, seed = await _under(desk, request), _number(request, "s", 1)
    ranges, author = _ranges(query.get("w", "")), query.get("as", "")
    if query.get("format") != "parquet":
        raise HTTPException(422, "`format` is parquet: the page itself makes the answers as CSV")
    own = desk.case(name).assessments.get(author)
    premises = own.title if own else ""

    def made(progress: Progress) -> bytes:
        (session,) = offramp.session(case, seed=seed, supposed=True)
        done = 0

        def counted(n: int) -> None:
            nonlocal done
            done += n
            progress(done, None)

        return offramp.to_parquet(
            session.grown(ENOUGH, progress=counted), ranges, premises=premises
        )

    content = await runs.whole(made, request.receive)
    headers = {"content-disposition": f'attachment; filename="{quote(name)}.parquet"'}
    return Response(content, media_type="application/vnd.apache.parquet", headers=headers)


def _ranges(text: str) -> dict[str, tuple[float, ...]]:
    """Changed ranges as an address has them: `tempo:0.8~1.6,line:.2~.8`."""
    try:
        return ranges_of(text)
    except ValueError as error:
        raise HTTPException(422, f"{error}: `w` is as in tempo:0.8~1.6") from None


def _taken(content: str, name: str) -> Response:
    """A page that a browser saves and does not show, so that it runs nowhere in our name."""
    headers = {"content-disposition": f'attachment; filename="{quote(name)}"'}
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


async def _whatif(desk: Desk, runs: Runs, request: Request) -> Response:
    name, asked = _name(desk, request), await _body(request)
    do, worlds, seed = asked.get("do"), asked.get("worlds", 512), asked.get("seed", 1)
    author = asked.get("as", "")
    if "policy" in asked:
        do = next((p.edits for p in desk.case(name).policies if p.id == asked["policy"]), None)
    whole = type(worlds) is int and type(seed) is int
    if not isinstance(do, dict | tuple) or not whole or not isinstance(author, str):
        raise HTTPException(
            422,
            "a what-if has `do`, edits by their verbs, or `policy`, the id of one of the case's, "
            "and may have `worlds`",
        )
    if not 0 <= seed < 10**DIGITS:
        raise HTTPException(422, f"`seed` is a whole number of at most {DIGITS} digits")

    def work(progress: Progress) -> dict[str, Any]:
        return views.differences(
            *desk.whatif(name, do, author=author, worlds=worlds, seed=seed, progress=progress)
        )

    return Lines(runs, work)


async def _study(desk: Desk, runs: Runs, request: Request) -> Response:
    case, study = desk.case(_name(desk, request)), request.path_params["study"]
    if study not in STUDIES:
        raise HTTPException(404, f"no study '{study[:80]}'; there are {', '.join(STUDIES)}")
    query = dict(request.query_params)

    def work(progress: Progress) -> dict[str, Any]:
        if study == "days":
            return views.days(_day_by_day(case, query, progress))
        if study == "coverage":  # alone in that it looks at texts
            return offramp.to_dict(offramp.coverage(case, sources=desk.sources))
        return offramp.to_dict(_studied(case, study, query, progress))

    return Lines(runs, work)


def _day_by_day(case: offramp.Case, query: dict[str, str], progress: Progress) -> tuple[Any, ...]:
    """The case as of several days. Raises OfframpError."""
    days = [day for day in query.get("on", "").split(",") if day]
    if len(days) > MOST_DAYS:
        raise Mistake(f"{len(days)} days: the page has {MOST_DAYS} at most", "days")
    author = query.get("as") or "case"
    return offramp.day_by_day(case, days, assessment=author, worlds=2048, progress=progress)


def _studied(case: offramp.Case, study: str, query: dict[str, str], progress: Progress) -> Any:
    """Runs a study of the library with what the address says. Raises OfframpError."""
    match study:
        case "why":
            wait = query.get("seconds", "")
            whole = wait.isascii() and wait.isdigit() and len(wait) < 3
            seconds = float(wait) if whole else None
            question = query.get("question", "")
            return offramp.why(case, question, seconds=seconds, progress=progress)
        case "butfor":
            return offramp.counterfactual(
                case,
                without=query.get("event", ""),
                on=query.get("on"),
                as_of=query.get("as_of"),
                worlds=1024,
                progress=progress,
            )
        case "choice":
            actor, on = query.get("actor", ""), query.get("on", "")
            return offramp.choice(case, actor, on, worlds=1024, progress=progress)
        case "compare":
            a, b = query.get("a", ""), query.get("b", "")
            return offramp.compare(case, a, b, worlds=1024, progress=progress)
        case "condition":
            return offramp.condition(
                case,
                as_of=query.get("on"),
                assessment=query.get("as") or "case",
                worlds=2048,
                progress=progress,
            )
        case "claims":
            names = [query["as"]] if "as" in query else []
            return offramp.claims(case, *names, progress=progress)
        case "facts":
            return offramp.facts(case, progress=progress)
        case _:
            names = [query["as"]] if "as" in query else []
            return offramp.policies(case, *names, free=True, worlds=1024, progress=progress)


def _number(request: Request, name: str, default: int) -> int:
    return _whole(name, request.query_params.get(name, str(default)))


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise HTTPException(422, f"`{name}` is a whole number of at most {DIGITS} digits")
    return int(text)


async def _body(request: Request) -> dict[str, Any]:
    content = await request.body()
    try:
        found = plain_json.parsed(content)
        plain_json.text(found).encode("utf-8")  # no half of a character
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None
    if not isinstance(found, dict):
        raise HTTPException(422, "the body is an object")
    return found


# ---- files -----------------------------------------------------------------------------------


async def _whatifs(desk: Desk, request: Request) -> Response:
    name = _name(desk, request)
    rows = await asyncio.to_thread(whatifs.kept, desk.case(name))
    told = {"schema": "offramp.web.whatifs/1", "kept": rows, "writable": desk.writable(name)}
    return JSONResponse(told)


async def _keep(desk: Desk, request: Request) -> Response:
    name, asked = _name(desk, request), await _body(request)
    given = [asked.get(key) for key in ("name", "because", "ranges")]
    optional = [asked.get(key, "") for key in ("as", "on")]
    if not all(isinstance(x, str) for x in (*given, *optional)):
        raise HTTPException(
            422, "a what-if has `name`, `because`, `ranges`, and may have `as` and `on`"
        )
    if not desk.writable(name):
        raise HTTPException(403, "this case comes with Offramp: make a copy (Model) to keep more")

    def keep() -> None:
        with desk.writing:
            title, because, ranges, by, day = map(str, (*given, *optional))
            whatifs.keep(desk.under(name, by), title, because, ranges, by, day)

    await asyncio.to_thread(keep)
    return await _whatifs(desk, request)


async def _files(desk: Desk, request: Request) -> Response:
    name = _name(desk, request)
    files = list(editing.names(desk.case(name)))
    writable = desk.writable(name)
    return JSONResponse({"schema": "offramp.web.files/1", "files": files, "writable": writable})


async def _file(desk: Desk, request: Request) -> Response:
    case, name = desk.case(_name(desk, request)), request.query_params.get("name", "")
    return JSONResponse(_plainly(await asyncio.to_thread(editing.read, case, name)))


def _plainly(file: editing.File) -> dict[str, Any]:
    return {
        "schema": "offramp.web.file/1",
        "name": file.name,
        "text": file.text,
        "sha256": file.sha256,
    }


async def _state(desk: Desk, request: Request) -> Response:
    """That the server lives, and whether a file was changed by somebody else."""
    name = _name(desk, request)
    changed = await asyncio.to_thread(desk.changed, name)
    told = {"model_sha256": desk.case(name).model_sha256, "changed": changed}
    return JSONResponse({"schema": "offramp.web.state/1", **told})


async def _reread(desk: Desk, request: Request) -> Response:
    name = _name(desk, request)

    def reread() -> bool:
        with desk.writing:
            return desk.reread(name)

    usable = await asyncio.to_thread(reread)
    return JSONResponse({"schema": "offramp.web.reread/1", "usable": usable})


async def _check(desk: Desk, request: Request) -> Response:
    case, asked = desk.case(_name(desk, request)), await _body(request)
    files = asked.get("files")
    if not isinstance(files, dict) or not all(isinstance(x, str) for x in files.values()):
        raise HTTPException(422, "a check has `files`: texts by their names")
    only = asked.get("only")
    if only is not None and not isinstance(only, str):
        raise HTTPException(422, "`only` is the name of a file")
    return JSONResponse(await asyncio.to_thread(editing.checked, case, files, only))


async def _write(desk: Desk, request: Request) -> Response:
    name, asked = _name(desk, request), await _body(request)
    given = [asked.get(key) for key in ("name", "base", "text", "reason")]
    if not all(isinstance(x, str) for x in given):
        raise HTTPException(422, "a write has `name`, `base` (a hash), `text` and `reason`")
    _own(desk, name)
    return await _put(desk, name, lambda case: editing.written(case, *map(str, given)))


async def _passage(desk: Desk, request: Request) -> Response:
    """Writes what somebody selected in a document as a passage."""
    name, asked = _name(desk, request), await _body(request)
    document, paraphrase = asked.get("document"), asked.get("paraphrase")
    phrase, id = asked.get("phrase") or None, asked.get("id") or None
    start, end = asked.get("start"), asked.get("end")
    texts = isinstance(document, str) and isinstance(paraphrase, str)
    optional = all(x is None or isinstance(x, str) for x in (phrase, id))
    if not texts or not optional or type(start) is not int or type(end) is not int:
        raise HTTPException(
            422, "a passage has `document`, `start`, `end`, `paraphrase`, maybe `phrase` and `id`"
        )
    _own(desk, name)

    def cite() -> dict[str, Any]:
        with desk.writing:
            made = editing.cited(
                desk.case(name),
                str(document),
                (start, end),
                str(paraphrase),
                phrase,
                id,
                desk.sources,
            )
            return {"schema": "offramp.web.passage/1", "id": made, "usable": desk.reread(name)}

    return JSONResponse(await asyncio.to_thread(cite))


async def _candidates(desk: Desk, request: Request) -> Response:
    """What of a document may be worth a passage."""
    name, document = _name(desk, request), request.path_params["document"]
    case = desk.case(name)
    if document not in case.documents:
        raise HTTPException(404, f"{name[:80]} has no document '{document[:80]}'")
    found = await asyncio.to_thread(views.candidates, case, document, desk.sources)
    return JSONResponse(found)


async def _ends(desk: Desk, request: Request) -> Response:
    """Writes where a passage begins and ends by now."""
    name, asked = _name(desk, request), await _body(request)
    _own(desk, name)
    id, start, end = asked.get("id"), asked.get("start"), asked.get("end")
    paraphrase = asked.get("paraphrase")
    ours = paraphrase is None or isinstance(paraphrase, str)
    if not isinstance(id, str) or type(start) is not int or type(end) is not int or not ours:
        raise HTTPException(422, "ends have `id`, `start`, `end`, and may have `paraphrase`")
    place = start, end

    def move() -> dict[str, Any]:
        with desk.writing:
            editing.moved(desk.case(name), id, place, paraphrase, desk.sources)
            return {"schema": "offramp.web.ends/1", "id": id, "usable": desk.reread(name)}

    return JSONResponse(await asyncio.to_thread(move))


def _own(desk: Desk, name: str) -> None:
    """Raises HTTPException for a case that comes with Offramp."""
    if not desk.writable(name):
        raise HTTPException(403, "this case comes with Offramp: make a copy (Model) to change it")


async def _document(desk: Desk, request: Request) -> Response:
    """Says what a file is as a document; with what is `said` of it, takes it into the case."""
    name = _name(desk, request)
    _own(desk, name)
    asked = await _body(request)
    content, file, said = _content(asked), str(asked.get("name", "")), asked.get("said")
    if said is not None and not isinstance(said, dict):
        raise HTTPException(422, "`said` is an object: what is said of the document")

    def read() -> dict[str, Any]:
        source = editing.document(content, file)
        if said is None:
            told = views.incoming(source)
            return told | {"beside": views.beside(desk.case(name), source, desk.sources)}
        with desk.writing:
            made = editing.added(desk.case(name), source, said)
            return {"schema": "offramp.web.document/1", "id": made, "usable": desk.reread(name)}

    return JSONResponse(await asyncio.to_thread(read))


def _content(asked: dict[str, Any]) -> bytes:
    """The bytes of a file that the page sent, or of a text. Raises HTTPException."""
    text, packed = asked.get("text"), asked.get("base64")
    if isinstance(text, str) and packed is None:
        return text.encode("utf-8")
    if text is not None or not isinstance(packed, str):
        raise HTTPException(422, "a document has `text`, or `base64` and a `name`")
    try:
        return base64.b64decode(packed, validate=True)
    except ValueError:
        raise HTTPException(422, "`base64` is none") from None


async def _stated(desk: Desk, request: Request) -> Response:
    """Shows what a statement of a passage writes into the model, or, with `apply`, writes it."""
    name, asked = _name(desk, request), await _body(request)
    apply = asked.get("apply") is True
    if apply:
        _own(desk, name)

    def state() -> dict[str, Any]:
        if not apply:
            return stating.written(stating.stated(desk.case(name), asked))
        with desk.writing:
            made = stating.written(stating.write(desk.case(name), asked))
            return made | {"usable": desk.reread(name)}

    return JSONResponse(await asyncio.to_thread(state))


async def _effect(desk: Desk, runs: Runs, request: Request) -> Response:
    """What such a statement would change in the answers."""
    case, asked = desk.case(_name(desk, request)), await _body(request)
    seed = asked.get("seed", 1)
    if type(seed) is not int or not 0 <= seed < 10**DIGITS:
        raise HTTPException(422, f"`seed` is a whole number of at most {DIGITS} digits")

    def work(progress: Progress) -> dict[str, Any]:
        return stating.effect(case, stating.stated(case, asked), seed, progress)

    return Lines(runs, work)


async def _undo(desk: Desk, request: Request) -> Response:
    name = _name(desk, request)
    if not desk.writable(name):
        raise HTTPException(403, "this case comes with Offramp: nothing was written here")
    return await _put(desk, name, editing.taken_back)


async def _put(desk: Desk, name: str, put: Callable[[offramp.Case], editing.File]) -> Response:
    """Changes a file of a case, nobody else doing so, and reads the case again."""

    def done() -> tuple[editing.File, bool]:
        with desk.writing:
            return put(desk.case(name)), desk.reread(name)

    file, usable = await asyncio.to_thread(done)
    return JSONResponse(_plainly(file) | {"usable": usable})


async def _copy(desk: Desk, request: Request) -> Response:
    name, asked = _name(desk, request), await _body(request)
    made = await asyncio.to_thread(desk.copied, name, str(asked.get("name", "")))
    return JSONResponse({"schema": "offramp.web.copy/1", "id": made})


# ---- games -----------------------------------------------------------------------------------

NO_SEAT = "there is no such seat: whoever runs the game has its link"


async def _games(desk: Desk, request: Request) -> Response:
    name = _name(desk, request)
    found = await asyncio.to_thread(views.games, desk.case(name), desk.games.kept, name)
    return JSONResponse(found)


async def _start(desk: Desk, request: Request) -> Response:
    name, asked = _name(desk, request), await _body(request)
    seats, first, days = asked.get("seats"), asked.get("first"), asked.get("days")
    world = asked.get("world")
    if (
        not (isinstance(seats, list) and all(isinstance(s, str) for s in seats))
        or not (first is None or isinstance(first, str))
        or not all(n is None or (type(n) is int and 0 <= n < 10**DIGITS) for n in (days, world))
    ):
        raise HTTPException(
            422,
            "a game has `seats`, a list such as iran=person, and may have `first` (a day), `days` "
            "and `world` (whole numbers)",
        )
    begin = partial(desk.games.start, name, seats, first=first, days=days, world=world)
    made = await asyncio.to_thread(begin)
    return JSONResponse({"schema": "offramp.web.started/1", "game": made})


async def _game(desk: Desk, request: Request) -> Response:
    """The table of a game; nothing where the page has its mark."""
    table = await _asked_table(desk, request)
    since = request.query_params.get("since", "")
    return _unless_same(await asyncio.to_thread(table.facilitator, since), "table")


async def _seen(desk: Desk, request: Request) -> Response:
    """What a seat sees, for who runs the game."""
    table = await _asked_table(desk, request)
    since, actor = request.query_params.get("since", ""), request.path_params["actor"]
    return _unless_same(await asyncio.to_thread(table.seat, actor, since), "seat")


async def _inject(desk: Desk, request: Request) -> Response:
    """Changes the crisis of a game from this morning on."""
    table, do = await _asked_table(desk, request), (await _body(request)).get("do")
    if not isinstance(do, dict):
        raise HTTPException(422, 'a change has `do`, as in a policy: {"never": ["swarm"]}')
    await asyncio.to_thread(table.inject, do)
    return _turned()


async def _branch(desk: Desk, request: Request) -> Response:
    """A game from one of its mornings on, as a new one."""
    name, asked = _name(desk, request), await _body(request)
    day = asked.get("day")
    if not isinstance(day, str):
        raise HTTPException(422, "a branch has `day`, the date of its first morning")
    game = request.path_params["game"]
    made = await asyncio.to_thread(desk.games.branch, name, game, day)
    return JSONResponse({"schema": "offramp.web.started/1", "game": made})


async def _clock(desk: Desk, request: Request) -> Response:
    table, asked = await _asked_table(desk, request), await _body(request)
    seconds, stand_in = asked.get("seconds"), asked.get("stand_in", "model")
    if not (seconds is None or type(seconds) is int) or not isinstance(stand_in, str):
        raise HTTPException(422, "a clock has `seconds` (a whole number or null) and `stand_in`")
    await asyncio.to_thread(table.set_clock, seconds, stand_in)
    return _turned()


async def _pause(desk: Desk, request: Request) -> Response:
    table, on = await _asked_table(desk, request), (await _body(request)).get("on")
    if not isinstance(on, bool):
        raise HTTPException(422, "a pause is `on` (true) or over (false)")
    await asyncio.to_thread(table.pause, on)
    return _turned()


def _turned() -> Response:
    return JSONResponse({"schema": "offramp.web.turned/1"})


async def _asked_table(desk: Desk, request: Request) -> Table:
    return await _table(desk, _name(desk, request), request.path_params["game"])


async def _table(desk: Desk, case: str, game: str) -> Table:
    return await asyncio.to_thread(desk.games.table, case, game)


def _unless_same(told: dict[str, Any] | None, kind: str) -> Response:
    if told is None:
        return Response(status_code=204)
    return JSONResponse({"schema": f"offramp.web.{kind}/1"} | told)


def _place(desk: Desk, request: Request) -> Place:
    """The seat that is asked for. Raises HTTPException."""
    found = desk.games.place(str(request.path_params["token"]))
    if found is None:
        raise HTTPException(404, NO_SEAT)
    return found


async def _no_seat(request: Request) -> Response:
    raise HTTPException(404, NO_SEAT)


async def _seat_page(desk: Desk, request: Request) -> Response:
    _place(desk, request)
    return _of_the_page("index.html")


async def _at_seat(desk: Desk, place: Place) -> Table:
    """The table that a seat is at. What is wrong with the game is told to who runs it alone."""
    try:
        return await _table(desk, place.case, place.game)
    except (OfframpError, OSError, KeyError):
        raise HTTPException(
            409, "this game cannot be gone on with now: whoever runs it is told why"
        ) from None


async def _seat(desk: Desk, request: Request) -> Response:
    """What a seat is told; nothing where its page has that."""
    place = _place(desk, request)
    table, since = await _at_seat(desk, place), request.query_params.get("since", "")
    return _unless_same(await asyncio.to_thread(table.seat, place.actor, since), "seat")


async def _sealed(desk: Desk, request: Request) -> Response:
    """Seals a decision of a seat."""
    place, asked = _place(desk, request), await _body(request)
    day, ask, deed = asked.get("day"), asked.get("ask"), asked.get("deed")
    words, why = asked.get("words", []), asked.get("why", "")
    texts = all(isinstance(x, str) for x in (ask, deed, why))
    listed = isinstance(words, list) and all(isinstance(w, str) for w in words)
    if type(day) is not int or not texts or not listed:
        raise HTTPException(
            422, "a decision has `day`, `ask` and `deed`, and may have `words` (a list) and `why`"
        )
    if len(why) > LONG:
        raise HTTPException(422, f"a reason has at most {LONG} characters")
    table = await _at_seat(desk, place)
    deeds = str(deed), tuple(words), str(why)
    await asyncio.to_thread(table.answer, place.actor, day, str(ask), *deeds)
    return JSONResponse({"schema": "offramp.web.sealed/1"})


# ---- what is said instead of an answer ---------------------------------------------------


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, OfframpError)
    return JSONResponse({"refused": why(error)}, 422)


async def _changed(request: Request, error: Exception) -> Response:
    return JSONResponse({"refused": str(error)}, 409)


async def _unread(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    return JSONResponse({"refused": f"the file cannot be had: {error.strerror}"}, 422)


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and not request.url.path.startswith("/api/"):
        own = error.detail != "Not Found"
        words = error.detail if own else "there is no such page here; / has the cases that are open"
        return PlainTextResponse(f"{words}\n", 404)
    return JSONResponse({"refused": error.detail}, error.status_code)


async def _too_long(request: Request, error: Exception) -> Response:
    return JSONResponse({"refused": "that is more than the page may send"}, 413)


async def _full(request: Request, error: Exception) -> Response:
    return JSONResponse({"refused": "too many runs wait already; try again"}, 429)


async def _nobody(request: Request, error: Exception) -> Response:
    return Response(status_code=499)


async def _fault(request: Request, error: Exception) -> Response:
    return JSONResponse({"refused": FAULT}, 500)
