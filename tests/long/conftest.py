"""At the end, a table of every limit that a notebook missed under another processor's kernels or another seed."""

import json

from tools.lessons import ROOT

MEASURES = ROOT / "build/long"


def pytest_terminal_summary(terminalreporter):
    """Print what each run missed."""
    rows = []
    for file in sorted(MEASURES.glob("*.jsonl")):
        notebook, variant = file.stem.split("@")
        lines = list(map(json.loads, file.read_text(encoding="utf-8").splitlines()))
        missed = [line for line in lines if not line["kept"] and not line["own_data"]]
        rows.append(f"{notebook:<34}{variant:<12}{len(lines):>4} values, {len(missed)} missed")
        for line in missed:
            limits = ", ".join(f"{key} {line[key]:.4g}" for key in ("at_least", "at_most") if key in line)
            rows.append(f"{'':<34}MISSED {line['name']}: {line['value']:.4g} ({limits})")
    if rows:
        terminalreporter.section("limits under other kernels, seeds and sizes")
        for row in rows:
            terminalreporter.line(row, red="MISSED" in row)
