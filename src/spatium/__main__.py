"""``python -m spatium``: the command line."""

from spatium.cli import main

if __name__ == "__main__":
    main()
