#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""machines.py LSIOMMU [COMMAND...]: is what lsiommu says of machines that exist what the kernel's tests say?

The machines are those of tools/testing/kunit/iommu_group_machines: .groups has the group of each function by
Linux 6.12 and by the rule of where requests turn around, .edges which group reaches which.
"""
import json
import pathlib
import subprocess
import sys

MACHINES = pathlib.Path(__file__).parent / "../../testing/kunit/iommu_group_machines"
COMMAND = sys.argv[2:] + [sys.argv[1]]


def rows(path):
    """The words of each line that is no comment."""
    return [line.split() for line in path.read_text().splitlines() if line.strip() and line[0] != "#"]


def expected_groups(fabric, column):
    """As a set of sets of names."""
    groups = {}
    for row in rows(fabric.with_suffix(".groups")):
        if row[column] != "-":
            groups.setdefault(row[column], set()).add(row[0])
    return {frozenset(group) for group in groups.values()}


def ask(path, policy):
    """What lsiommu -J prints, with the edges."""
    run = subprocess.run(COMMAND + ["--dump", str(path), "--policy", policy, "-J", "-o", "NAME,REACHES"],
                         capture_output=True, text=True, check=True)
    return json.loads(run.stdout)["groups"]


def members(group):
    """Their names."""
    return frozenset(child["name"] for child in group["children"])


def differences(fabric, policy, column):
    """Groups that one of both has alone, without functions of which nothing is told."""
    expected = expected_groups(fabric, column)
    told = frozenset().union(*expected)
    groups = {members(group) & told for group in ask(fabric, policy)} - {frozenset()}
    # A function may be left out of a fabric that the machine has
    there = frozenset().union(*groups)
    expected = {group & there for group in expected} - {frozenset()}
    return [sorted(group) for group in groups ^ expected]


def wrong_edges(fabric):
    """Edges that one of both has alone, each by the first functions of two groups."""
    expected = {tuple(row) for row in rows(fabric.with_suffix(".edges"))}
    groups = ask(fabric, "standard")
    first = {group["name"]: group["children"][0]["name"] for group in groups}
    edges = {(first[group["name"]], first[edge.split()[0]])
             for group in groups for edge in group["reaches"] or [] if edge}
    return sorted(edges ^ expected)


def changes_when_written(fabric, tmp):
    """Groups that are not the same after the machine was written as a fabric."""
    run = subprocess.run(COMMAND + ["--dump", str(fabric), "--fabric"], capture_output=True, text=True, check=True)
    tmp.write_text(run.stdout)
    return {members(group) for group in ask(fabric, "standard")} ^ {members(group) for group in ask(tmp, "standard")}


def main():
    """A line of TAP for each machine and question."""
    fabrics = sorted(MACHINES.glob("*.fabric"))
    tmp = pathlib.Path(sys.argv[1]).with_suffix(".fabric")
    n = failed = 0
    for fabric in fabrics:
        for what, wrong in ((f"groups of Linux 6.12 on {fabric.stem}", differences(fabric, "legacy", 1)),
                            (f"groups on {fabric.stem}", differences(fabric, "standard", 2)),
                            (f"edges on {fabric.stem}", wrong_edges(fabric)),
                            (f"{fabric.stem} is written as it was read", changes_when_written(fabric, tmp))):
            n += 1
            failed += bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {n} {what}")
            for line in wrong:
                print(f"# {line}")
    tmp.unlink(missing_ok=True)
    print(f"1..{n}")
    sys.exit(failed > 0 or not fabrics)


main()
