"""The website: Markdown by MyST, the reference by numpydoc, the gallery by sphinx-gallery. It needs no network access.

``python -m sphinx -W --keep-going docs build/docs``, after ``python -m pip install ".[docs]"``.
"""

import html
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # the root of the repository, for docs/_ext and reference/

import matplotlib  # noqa: E402
from docutils import nodes  # noqa: E402

import spatium  # noqa: E402

matplotlib.use("agg")

# Where the repository and the site are, for the links to them: both empty until they are published.
REPOSITORY = os.environ.get("SPATIUM_REPOSITORY", "")
SITE = os.environ.get("SPATIUM_SITE", "")

project = "Spatium"
author = "The Spatium developers"
version = release = spatium.__version__
copyright = "The Spatium developers"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "docs._ext.generated_pages",
]
exclude_patterns = ["_build", "_ext", "gallery", "learn", "conftest.py"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}  # sphinx-gallery writes reStructuredText
default_role = "literal"
nitpicky = True
nitpick_ignore_regex = [("py:class", r"(np|numpy|matplotlib|NDArray|ArrayLike|optional|array_like).*")]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings contain the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_use_plots = False

sphinx_gallery_conf = {
    "examples_dirs": ["gallery", "learn"],
    "gallery_dirs": ["auto_gallery", "auto_learn"],
    "filename_pattern": r"/(plot|lesson)_",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("matplotlib",),
    "reset_modules": ("matplotlib",),
    "download_all_examples": False,
    "write_computation_times": False,
    "show_signature": False,
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "min_reported_time": 1000,
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "  # the copied text can be pasted into Python or a shell
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "Spatium"
html_baseurl = SITE
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"image_light": "_static/logo.svg", "image_dark": "_static/logo-dark.svg", "alt_text": "Spatium"},
    "icon_links": [{"name": "Source", "url": REPOSITORY, "icon": "fa-solid fa-code"}] if REPOSITORY else [],
    "show_toc_level": 2,
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
}
html_context = {"default_mode": "auto"}
html_sidebars = {"install": [], "tutorial": [], "index": [], "teachers": []}  # these pages have no subpages


def add_card(app, page, template, context, doctree):
    """Add what other sites show beside a link to a page: its title, a picture and a sentence."""
    if not SITE:
        return
    card = {
        "og:title": context.get("title", project),
        "og:description": "Activation functions for NumPy, and activation maps",
        "og:image": f"{SITE.rstrip('/')}/_static/idea.png",
    }
    context["metatags"] = context.get("metatags", "") + "".join(
        f'<meta property="{name}" content="{html.escape(content)}">' for name, content in card.items()
    )


def mark_short_cells(app, doctree, page):
    """Mark the cells of tables whose text site.css keeps in one line, such as 784-1024-1024-10 and 95.86 ± 1.56."""
    for body in doctree.findall(nodes.tbody):
        for cell in body.findall(nodes.entry):
            if len(cell.astext()) <= 18:
                cell["classes"].append("sp-short")


def setup(app):
    """Register the hooks of this file; Sphinx calls this function."""
    app.connect("html-page-context", add_card)
    app.connect("doctree-resolved", mark_short_cells)
