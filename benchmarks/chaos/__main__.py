"""``python -m benchmarks.chaos``: the whole run. Exit code 1 when a promise was not kept."""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tqdm import tqdm

from benchmarks.chaos import logs
from benchmarks.chaos.crew import Crew
from benchmarks.chaos.endings import unseemly
from benchmarks.chaos.evidence import gather
from benchmarks.chaos.faults import Faults
from benchmarks.chaos.judge import judge
from benchmarks.chaos.records import Finding
from benchmarks.chaos.report import Report
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.storm import Storm
from benchmarks.chaos.tempo import Tempo


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1, help="of faults; what is left is drained afterwards")
    parser.add_argument(
        "--seed", type=int, default=None, help="which faults come when; chosen and printed if not given"
    )
    parser.add_argument("--rate", type=float, default=20, help="jobs a second, on average")
    parser.add_argument("--report", type=Path, help="write the report to this page")
    parser.add_argument("--keep", action="store_true", help="keep the marks and logs also when all is well")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    # A run that is terminated cleans up like one that is interrupted.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    seed = random.randrange(10**6) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    print(f"Chaos for {options.minutes:g} minutes, seed {seed}. Marks and logs: {folder}", flush=True)
    try:
        report = run(folder, Tempo.of(options.minutes), options.minutes, seed, options.rate)
    except (KeyboardInterrupt, SystemExit):
        # Broken off, and so not judged.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    print(report)
    if options.report:
        options.report.write_text(report.page() + "\n")
    if report.findings:
        print(f"\nMarks and logs are in {folder}; to try again: make chaos MINUTES={options.minutes:g} SEED={seed}")
    elif not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if report.findings else 0


def run(folder: Path, tempo: Tempo, minutes: float, seed: int, rate: float) -> Report:
    rng = random.Random(seed)
    with Stage(folder, tempo) as stage:
        crew = Crew(stage, rng, seed, rate)
        faults = Faults(stage, crew, rng)
        try:
            Storm(stage, crew, faults, rng).rage()
            crew.dismiss(crew.producers)
            drained_in = drain(stage, crew)
            crew.dismiss(crew.workers)
            evidence = gather(folder, stage.witness, faults.noted, tempo.rescue_bound)
        finally:
            crew.kill_all()
    findings = [*judge(evidence), *own_failures(folder)]
    findings += unseemly(crew.departures, evidence.faults, evidence.tenures)
    text = "A process of {} was still there long after all had been asked to leave."
    findings += [Finding("processes end when asked, with 0", text.format(post)) for post in crew.outlived]
    return Report(seed, minutes, drained_in, evidence, findings, logs.counts(folder))


def drain(stage: Stage, crew: Crew) -> float:
    """Wait until every job has ended, or for as long as that may lawfully take; how long it was."""
    began = time.monotonic()
    total = stage.witness.unfinished() or 0
    with tqdm(desc="draining", total=total, unit=" jobs", disable=None) as bar:
        while (left := stage.witness.unfinished()) != 0 and time.monotonic() < began + stage.tempo.patience:
            bar.update(total - (total if left is None else left) - bar.n)
            crew.tick()
            time.sleep(0.2)
    return time.monotonic() - began


def own_failures(folder: Path) -> list[Finding]:
    return [Finding("the runner itself does not fail", f"{log}: {line}") for log, line in logs.failures(folder)]


if __name__ == "__main__":
    sys.exit(main())
