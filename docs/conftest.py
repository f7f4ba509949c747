"""Make pytest run the examples in Markdown files, but not the configuration, scripts and generated files."""

collect_ignore = ["conf.py"]
collect_ignore_glob = [
    "_*",
    "auto_gallery/*",
    "auto_learn/*",
    "gallery/*",
    "learn/*",
    "activations/*",
    "reference/generated/*",
    "project/*",
]
