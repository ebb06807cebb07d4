"""What a study gave as plain values: a dictionary, a table; and the schemas of what is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from offramp.errors import Mistake, Needs
from offramp.extras import install
from offramp.text.diagnostics import suggestion

if TYPE_CHECKING:
    from offramp.answers.session import Session
    from offramp.render.json.outputs import Output

Backend = Literal["pandas", "polars", "pyarrow"]


def to_dict(result: object) -> dict[str, Any]:
    """A study's result as `--json` prints it: plain values under the output's schema, with the
    case, the model's hash, the seed, the worlds and the day up to which reports count. Errors that
    are not known are None; sums over worlds are rounded to ten digits, since their last bits are
    the processor's. Raises Mistake for what no study gives."""
    from offramp.render.json.outputs import told

    output = _output(result)
    return told(output, output.module.plain(result))


def to_frame(result: object, table: str | None = None, *, backend: Backend = "pandas") -> Any:
    """A study's result as a data frame: a row an answer, with its window, condition and citations.

    table    another of its tables, as `quantities` of a forecast or `assessments.judgements`; a
             wrong name is refused with those that there are
    backend  pandas, polars or pyarrow (through narwhals), whichever is installed

    Lists of words are joined by '; '; the run that a row is from (case, model_sha256, seed, as_of)
    stands at its end. Raises Mistake, and Needs for a library that is missing.
    """
    import narwhals as nw

    from offramp.render.json.rows import columns

    found = table_of(result, table)
    names = columns(found)
    if backend not in get_args(Backend):
        raise Mistake(f"'{backend}' makes no frames: {', '.join(get_args(Backend))}", "backend")
    try:
        frame = nw.from_dict({n: [row.get(n) for row in found] for n in names}, backend=backend)
    except ImportError:
        raise Needs(f"frames of {backend} need it: pip install {backend}") from None
    return frame.to_native()


def to_parquet(
    session: Session, ranges: Mapping[str, tuple[float, ...]] | None = None, *, premises: str = ""
) -> bytes:
    """The answers of a session as a Parquet file: a row a question, of a choice a row an option,
    each with its condition, the premises and the ranges under which it is an answer.

    session   with its worlds, as `offramp.session(...)[0].grown(3000)`
    ranges    of unknowns that are weighed anew, by name: (low, high), or the chances of its options
    premises  in words, for a case under an author's

    Raises Needs without pyarrow, Mistake for a range that the case cannot have, Unanswerable where
    the worlds do not tell.
    """
    from offramp.answers.tabled import Row, tabled

    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise Needs(f"a Parquet file needs pyarrow: {install('parquet')}") from None
    rows = tabled(session, ranges or {}, premises)
    texts = ("id", "question", "kind", "option", "condition", "supposes", "premises", "ranges")
    types = {
        **dict.fromkeys((*texts, "unit", "case", "model_sha256"), pa.string()),
        **dict.fromkeys(("first", "last", "date"), pa.date32()),
        **dict.fromkeys(("worlds", "seed"), pa.int64()),
    }
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in Row.__annotations__])
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema=schema), out)
    return bytes(out.getvalue())


def table_of(result: object, table: str | None = None) -> list[dict[str, Any]]:
    """The rows of a table of a result, flat (see `to_frame`). Raises Mistake."""
    from offramp.render.json.rows import rows

    output = _output(result)
    if table is not None and table not in output.tables:
        help = suggestion(table, output.tables, "tables")
        raise Mistake(f"there is no table '{table}' in this result: {help}", "table")
    return rows(to_dict(result), table or output.table, output.about)


def schema(name: str = "crisis.yaml") -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a file of a case, for editors: its keys and shapes, with a
    sentence about each key; `check` judges the rest. Or that of an output of `--json`, which
    `to_dict` gives too.

    name  the file within the case: crisis.yaml, questions.yaml, assessments/NAME.yaml, ...; or the
          output: forecast, compare, ... Of a name that is none of these the Mistake lists what is
          near.
    """
    from offramp.case.schemas import SCHEMAS, named
    from offramp.render.json.outputs import OUTPUTS

    if name in OUTPUTS:
        return OUTPUTS[name].schema()
    made = SCHEMAS.get(named(name))
    if made is None:
        near = suggestion(name, (*SCHEMAS, *OUTPUTS)) or "`offramp schema --list` names them all"
        raise Mistake(f"there is no schema of '{name[:80]}': {near}", "name")
    return made()


def _output(result: object) -> Output:
    from offramp.render.json.outputs import output_of

    output = output_of(result)
    if output is None:
        raise Mistake(
            f"a {type(result).__name__} is not what a study gives: pass a result as "
            "offramp.forecast, offramp.compare and the others return it",
            "result",
        )
    return output
