"""The documentation's Markdown is run by pytest; the site's configuration, scripts and what it generates are not."""

collect_ignore = ["conf.py"]
collect_ignore_glob = ["_*", "auto_gallery/*", "gallery/*", "activations/*", "reference/generated/*", "project/*"]
