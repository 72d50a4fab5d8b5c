"""Check the claims of the document that this suite replaces, and write docs/FINDINGS.md.

`python -m studies.claims` measures, and writes the page. `claims` lists every claim, `evidence` collects the figures
that confirm or refute them, `run` measures them, and `page` writes them. Each of the small programs in `probes/`
answers one question.
"""
