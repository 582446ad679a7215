"""The page about it."""

from importlib.metadata import version
from pathlib import Path

from benchmarks import machine
from benchmarks.thumbnails.contest import Results
from benchmarks.thumbnails.rivals import BARE, RENDER, RIVALS, SORL_BY_LIBVIPS, TASK, Libraries
from benchmarks.thumbnails.work import QUALITY, SIDES

LARGEST_PEAK = 300


def written(results: Results, runs: int, photos: int, load: float) -> str:
    facts, sides = machine.facts(), ", ".join(map(str, SIDES))
    pinned = ", ".join(Path(Libraries().requirements).read_text().split())
    return f"""# Pictures, measured

Five JPEG renditions ({sides} pixels on the longer side, quality {QUALITY["jpeg"]}, progressive)
of each of {photos} photos of 12 megapixels, made by the benchmark and the same for everybody. Every turn is a process
of its own, with one thread, warmed up by one more photo; medians of {runs} runs in turns. Ratios are of processor time,
run by run.

`make bench-thumbnails` measures it again on your machine and rewrites this page.

{facts["processor"]}, {facts["memory"]}, {facts["system"]}, Python {facts["Python"]}, Pillow {version("Pillow")};
{facts["date"]}; the load of the machine was {load:.1f} at the end.

{_table(results)}

Peak memory is of the whole process, the interpreter and Django included; *80 MP* is with one baseline JPEG of 80
megapixels instead.

## What is asked of this project

{_bars(results)}

## WebP and AVIF

Bound by their encoders, and so much alike. Milliseconds of processor time for the five renditions of a photo:

{_formats(results)}

Against: {pinned}.
"""


def _table(results: Results) -> str:
    lines = [
        "| | what it leaves | photos a second | processor, ms a photo | as fast as its task | peak, MB | 80 MP, MB |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for rival in RIVALS:
        name = rival.name
        lines.append(
            f"| {name} | {rival.does} | {results.per_second(name):.1f} | {results.processor(name):.0f} | "
            f"{results.faster(name, TASK.name):.2f}× | {results.peak(name)} | {results.large[name]} |"
        )
    return "\n".join(lines)


def _bars(results: Results) -> str:
    fastest = min((rival.name for rival in RIVALS if rival.django), key=results.processor)
    bars = [
        (f"its task, beside the fastest of the Django libraries, {fastest}", 3.0, results.faster(TASK.name, fastest)),
        ("`render`, beside the bare loop", 0.9, results.faster(RENDER.name, BARE.name)),
        ("two processes, beside one, in photos a second", 1.7, results.by_two),
    ]
    lines = ["| | asked | measured | |", "|---|---:|---:|---|"]
    by_libvips = results.faster(TASK.name, SORL_BY_LIBVIPS.name)
    lines += [f"| {what} | ≥ {asked}× | {found:.2f}× | {_met(found >= asked)} |" for what, asked, found in bars]
    peak, memory = results.large[RENDER.name], "`render`, peak memory with a baseline JPEG of 80 megapixels"
    lines.append(f"| its task, beside {SORL_BY_LIBVIPS.name} | | {by_libvips:.2f}× | |")
    return "\n".join([*lines, f"| {memory} | < {LARGEST_PEAK} MB | {peak} MB | {_met(peak < LARGEST_PEAK)} |"])


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _formats(results: Results) -> str:
    rivals = [rival for rival in RIVALS if len(rival.formats) > 1]
    lines = ["| | " + " | ".join(rival.name for rival in rivals) + " |", "|---|" + "---:|" * len(rivals)]
    for format in ("jpeg", "webp", "avif"):
        lines.append(
            f"| {format} | " + " | ".join(f"{results.processor(rival.name, format):.0f}" for rival in rivals) + " |"
        )
    return "\n".join(lines)
