"""``python -m benchmarks``: the peers, this project, and the page about both."""

import json
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import machine, virtualenv
from benchmarks.contest import MEASURES, Contest
from benchmarks.effort import FULL, QUICK, Effort
from benchmarks.own.command import scratch
from benchmarks.own.suite import PARTS, Suite
from benchmarks.peers import chosen
from benchmarks.peers.peer import Peer
from benchmarks.peers.workers.peer import STOCK
from benchmarks.report import page
from benchmarks.services import Services, running
from benchmarks.stage import Stage
from tests.servers import Missing

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "var" / "benchmarks" / "latest.json"
DOCS = ROOT / "docs"


def parse(arguments: Sequence[str] | None = None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers", default="", help="names or their beginnings, separated by commas; all when left out")
    parser.add_argument("--only", default="", help=f"some of: {', '.join(MEASURES)}, own, {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, help="how often each is measured; 3, or 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="a few minutes, to see that it works; no figures to quote")
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.md, .json and .svg")
    parser.add_argument("--report", type=Path, metavar="FILE", help="measure nothing; the page from an earlier JSON")
    asked = parser.parse_args(arguments)
    unknown = set(words(asked.only)) - {*MEASURES, *PARTS, "own"}
    if unknown:
        parser.error(f"--only does not know {', '.join(sorted(unknown))}.")
    try:
        asked.peers = chosen(words(asked.peers))
    except ValueError as error:
        parser.error(str(error))
    if asked.runs is not None and asked.runs < 1:
        parser.error("--runs must be at least 1.")
    if asked.report and not asked.report.is_file():
        parser.error(f"--report: there is no file {asked.report}.")
    return asked


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def main() -> None:
    asked = parse()
    if asked.report:
        finish(json.loads(asked.report.read_text()), asked.publish)
        return
    effort = QUICK if asked.quick else FULL
    try:
        results = measure(asked, replace(effort, runs=asked.runs or effort.runs))
    except (Missing, subprocess.CalledProcessError) as error:
        sys.exit(f"The benchmarks cannot run: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Stopped; what was measured so far is in {LATEST.relative_to(ROOT)}.")
    finish(results, asked.publish)


def measure(asked: Namespace, effort: Effort) -> dict[str, Any]:
    """Everything asked for; what is known so far is kept in a file after every step."""
    only = words(asked.only)
    contested = [name for name in MEASURES if not only or name in only]
    parts = [name for name in PARTS if not only or "own" in only or name in only]
    install(asked.peers if contested else [STOCK])
    results: dict[str, Any] = {
        "machine": machine.facts(),
        "effort": vars(effort) | {"quick": asked.quick},
        "versions": {peer.name: virtualenv.versions(peer) for peer in asked.peers},
        "peers": {},
        "own": [],
        "failures": [],
    }
    with tempfile.TemporaryDirectory(dir=scratch(), prefix="bench-") as folder, running() as services:
        results["machine"] |= services.versions
        stages = prepare(asked.peers if contested else [STOCK], services, Path(folder), results["failures"])
        own = [stage for stage in stages if stage.peer == STOCK and parts]
        steps = len(stages) * effort.runs * bool(contested) + len(own) * Suite.steps(parts, effort)
        with tqdm(total=steps, unit="step", dynamic_ncols=True) as bar:

            def tell(doing: str) -> None:
                # Told before a step, so the one before it is done.
                bar.update(1 if bar.desc else 0)
                bar.set_description_str(doing)
                keep(results)

            if contested:
                contest = Contest(stages, effort, contested, tell)
                results["peers"] = contest.results
                contest.run()
                results["failures"] += contest.failures
            for stage in own:
                suite = Suite(stage, effort, parts, tell)
                results["own"] = suite.results
                suite.run()
                results["failures"] += suite.failures
    return results


def install(peers: Sequence[Peer]) -> None:
    waiting = {peer.folder: peer for peer in peers if not virtualenv.is_installed(peer)}
    for peer in tqdm(list(waiting.values()), desc="installing peers", unit="virtualenv", disable=not waiting):
        virtualenv.install(peer)


def prepare(peers: Sequence[Peer], services: Services, folder: Path, failures: list[str]) -> list[Stage]:
    ready = []
    for peer in tqdm(peers, desc="making databases", unit="peer"):
        stage = Stage(peer, services, folder / peer.name)
        try:
            stage.prepare()
            ready.append(stage)
        except Exception as error:
            failures.append(f"{peer.name} could not be prepared: {str(error)[-2000:]}")
    return ready


def keep(results: dict[str, Any]) -> None:
    LATEST.parent.mkdir(parents=True, exist_ok=True)
    LATEST.write_text(json.dumps(results, indent=1))


def finish(results: dict[str, Any], publish: bool) -> None:
    keep(results)
    text = page.markdown(results)
    print(text)
    for failure in results["failures"]:
        print(f"FAILED: {failure}", file=sys.stderr)
    print(f"Kept in {LATEST.relative_to(ROOT)}.")
    if publish:
        (DOCS / "benchmarks.md").write_text(text)
        # Only the first lines: tracebacks tell of this machine's folders.
        results |= {"failures": [failure.splitlines()[0] for failure in results["failures"]]}
        (DOCS / "benchmarks.json").write_text(json.dumps(results, indent=1) + "\n")
        (DOCS / "benchmarks.svg").write_text(page.picture(results))
        print("Written: docs/benchmarks.md, docs/benchmarks.json, docs/benchmarks.svg.")
    sys.exit(1 if results["failures"] else 0)
