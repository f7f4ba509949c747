"""The website: Markdown by MyST, the reference by numpydoc, the gallery by sphinx-gallery. It needs no network access.

``python -m sphinx -W --keep-going docs build/docs``, after ``pip install ".[docs]"``.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # the root of the repository, for docs/_ext and reference/

import matplotlib  # noqa: E402

import spatium  # noqa: E402

matplotlib.use("agg")

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
exclude_patterns = ["_build", "_ext", "gallery", "conftest.py"]
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
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_gallery",
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
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_toc_level": 2,
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "pygments_light_style": "tango",
    "pygments_dark_style": "github-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
}
html_context = {"default_mode": "auto"}
html_sidebars = {"install": [], "tutorial": [], "index": []}  # these pages have no subpages
