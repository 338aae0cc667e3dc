#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks JSON output against the schemas of docs/schema, one object a line, by its type.

	validate-json.py SCHEMA-DIRECTORY [FILE]

Says what does not fit and exits 1; 77 when python3-jsonschema is not installed.
"""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)


def load(directory):
    schemas = {}
    for path in pathlib.Path(directory).glob("*.json"):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        schemas[path.stem] = jsonschema.Draft202012Validator(schema)
    return schemas


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a member twice among {keys}")
    return dict(pairs)


def main():
    schemas = load(sys.argv[1])
    lines = open(sys.argv[2]) if len(sys.argv) > 2 else sys.stdin
    bad = count = 0
    for number, line in enumerate(lines, 1):
        count += 1
        record = json.loads(line, object_pairs_hook=unique)
        if record.get("type") not in schemas:
            print(f"line {number}: no schema for type {record.get('type')!r}")
            bad += 1
            continue
        for error in schemas[record["type"]].iter_errors(record):
            where = "/".join(str(p) for p in error.absolute_path)
            print(f"line {number}: {record['type']} {where}: {error.message[:300]}")
            bad += 1
    if not count:
        print("no output at all")
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main())
