#!/usr/bin/env python3
"""Measure a model of expression on held-out drums beside counts that do without one, as tables.

scripts/expression_table.py MODEL SHARDS [--split test] [--json]
"""

import argparse
import json
from pathlib import Path

from seqvae.dataset.shards import open_verified
from seqvae.expression.evaluate import evaluate_expression
from seqvae.expression.storage import load_expression


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="bundled model or model folder")
    parser.add_argument("shards", type=Path, help="folder of shards of drums")
    parser.add_argument("--split", default="test", choices=["valid", "test"], help="default: test")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()

    model, shards = load_expression(options.model).model, open_verified(options.shards)
    found = evaluate_expression(model, shards.split("train"), shards.split(options.split))
    print(json.dumps(found.as_dict(), indent=1) if options.json else "\n".join(found.lines()))


if __name__ == "__main__":
    main()
