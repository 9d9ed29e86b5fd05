"""Starts the reading process without libraries it has no use for."""

from __future__ import annotations

from jianheng.core.foundation.own_process import do_without


def main() -> None:
    """Serve until standard input ends."""
    do_without("numpy", "pandas")
    from jianheng.core.ingest.worker import main as serve

    serve()


if __name__ == "__main__":
    main()
