"""`python -m minitf`: what computes here, and what is missing."""

from __future__ import annotations

import argparse
import json

from minitf.diagnosis import doctor

_ABOUT = """\
Say which minitf this is, what computes for it (NumPy or TensorFlow's runtime), on which devices,
with which BLAS and threads, and what is missing or set badly, with what to do about it.
"""
_MORE = """\
MINITF_BACKEND=tensorflow python -m minitf    the same for TensorFlow's runtime
python -m minitf --json | jq .findings        for programs

In Python, print(minitf.doctor()) shows the same, and in a notebook minitf.doctor() is a table.
"""


def main(arguments: list[str] | None = None) -> None:
    """Print the card; --json prints it as data."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m minitf", description=_ABOUT, epilog=_MORE, formatter_class=layout)
    parser.add_argument("--json", action="store_true", help='print {"facts": {name: text}, "findings": [text]}')
    as_json = parser.parse_args(arguments).json
    card = doctor()
    print(json.dumps(card.as_dict(), indent=2) if as_json else card)


if __name__ == "__main__":
    main()
