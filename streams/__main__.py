"""`python -m streams` is the `tocsin` command."""

from streams.cli import app


def main() -> None:
    """The `tocsin` command."""
    app()


if __name__ == "__main__":
    main()
