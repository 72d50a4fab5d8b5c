"""Export samples as CSV. Pure."""

import csv
import io

from seqbench.publish.export.programs import measured_programs, one_line, sample_fields
from seqbench.sessions.session import Session


def csv_text(session: Session) -> str:
    """Return one line per sample, with the fields of the sample, the parameters and the ledger as columns."""
    rows = [
        {
            "benchmark": one_line(program.benchmark),
            "runtime": one_line(program.runtime),
            "variant": one_line(program.variant),
            **{f"parameter.{one_line(key)}": value for key, value in program.parameters},
            **{key: _plain(value) for key, value in sample_fields(sample).items()},
            **{f"ledger.{one_line(key)}": value for key, value in sample.ledger},
        }
        for program in measured_programs(session)
        for sample in program.samples
    ]
    columns = dict.fromkeys(key for row in rows for key in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _plain(value: int | str) -> int | str:
    """Return a value that no spreadsheet takes for a formula."""
    if isinstance(value, int):
        return value
    text = one_line(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
