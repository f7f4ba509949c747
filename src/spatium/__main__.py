"""The command line as ``python -m spatium``."""

from spatium.cli import main

if __name__ == "__main__":
    main()
