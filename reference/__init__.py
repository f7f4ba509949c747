"""The exact values of every activation and where to look for errors: for tests, tools, benchmarks and the docs."""
