"""Judge the claims of the document that this suite replaces, and write docs/FINDINGS.md.

`python -m studies.claims` measures and writes; `claims` lists every claim, `evidence` is what they are judged by,
`run` measures it and `page` shows it. `probes/` has small programs that answer one question each.
"""
