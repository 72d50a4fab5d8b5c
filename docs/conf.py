"""The site of the documentation: `nox -s docs` builds it into site/ with Sphinx, and fails on every warning.

It has the folders of the repository, so that a link which works on GitHub works there too, and is checked.
"""

import shutil
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "seqbench"
html_title = "seqbench"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
napoleon_google_docstring = False
root_doc = "README"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/guides/*.md"]
# No other folder is looked into for pages.
exclude_patterns = ["[!CRSd]*"]

# The headings of a page have the same anchors as on GitHub.
myst_heading_anchors = 6
# An <img> in a page, for the sake of its width, is checked and copied as well.
myst_enable_extensions = ["html_image"]
# Two hyphens begin a flag, and are no dash.
smartquotes = False
# `this` in a docstring is code, as it is in the pages.
default_role = "code"
autodoc_member_order = "bysource"
# Fields and members of enumerations speak for themselves where they have no docstring.
autodoc_default_options = {"undoc-members": True}
autodoc_typehints_format = "short"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_theme_options: dict[str, list[str]] = {"top_of_page_buttons": []}

_NAVIGATION = {
    "Start": {"Getting started": "docs/GETTING_STARTED"},
    "Guides": {
        "Compare two compilers": "docs/guides/compare-compilers",
        "Gate in CI": "docs/guides/gate-in-ci",
        "Find the slow commit": "docs/guides/find-the-slow-commit",
        "Add a benchmark": "docs/guides/add-a-benchmark",
        "Add a runtime": "docs/guides/add-a-runtime",
        "Run a foreign suite": "docs/guides/run-a-foreign-suite",
        "Each shape of suite": "docs/SUITES",
        "Read the report": "docs/guides/read-the-report",
        "Measure on several machines": "docs/HOSTS",
    },
    "Explanations": {
        "Method": "docs/METHOD",
        "Benchmarks and fairness": "docs/BENCHMARKS",
        "Findings": "docs/FINDINGS",
        "Comparisons": "docs/COMPARISONS",
        "Seq through its releases": "docs/TIMELINE",
    },
    "Reference": {
        "Tasks and flags": "docs/TASKS",
        "Configuration": "docs/CONFIGURATION",
        "Files": "docs/RESULTS",
        "Runtimes and suites": "docs/RUNTIMES",
        "History": "docs/HISTORY",
        "Exports": "docs/EXPORTS",
        "Forgejo and GitHub": "docs/CI",
        "Python API": "docs/API",
        "Modules": "docs/REFERENCE",
        "Glossary": "docs/GLOSSARY",
    },
    "Project": {
        "Contributing": "CONTRIBUTING",
        "Architecture": "docs/ARCHITECTURE",
        "Releasing": "docs/RELEASING",
        "Security": "SECURITY",
        "Changelog": "CHANGELOG",
    },
}


def _add_navigation(_app: Sphinx, page: str, text: list[str]) -> None:
    """Put the navigation of the site at the end of the README, which GitHub shows without it."""
    if page == root_doc:
        for caption, pages in _NAVIGATION.items():
            entries = "\n".join(f"{title} <{name}>" for title, name in pages.items())
            text[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def _complete(app: Sphinx, error: Exception | None) -> None:
    """Copy the pictures that only a <source> names, and the README under the name that a browser looks for."""
    if error is None:
        for picture in Path(__file__).with_name("images").glob("*.svg"):
            place = Path(app.outdir) / "docs" / "images" / picture.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, place)
        shutil.copyfile(Path(app.outdir) / f"{root_doc}.html", Path(app.outdir) / "index.html")


def setup(app: Sphinx) -> None:
    """Return when these are to be done; Sphinx calls this."""
    # A forge draws this picture; the site, which asks for nothing from elsewhere, shows its text.
    app.add_lexer("mermaid", TextLexer)
    app.connect("source-read", _add_navigation)
    app.connect("build-finished", _complete)
