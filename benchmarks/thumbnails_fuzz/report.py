"""A campaign as a page of Markdown."""

import platform

import PIL
from PIL import features

from benchmarks.thumbnails_fuzz.campaign import LIMITS, Campaign, Finding
from thumbnails.decoding.apart import TRIES

LIBRARIES = ["jpg", "zlib", "webp", "avif", "littlecms2"]


def written(campaign: Campaign) -> str:
    failures, ended = len(campaign.failures), len(campaign.ended)
    lines = [
        "# Broken pictures",
        "",
        "Written by `python -m benchmarks.thumbnails_fuzz --minutes 10 --report docs/fuzzing.md`: sound files of",
        "every format, mode, orientation, profile and kind of animation, cut short and with bits flipped",
        "systematically, then broken by chance (bits, extreme numbers, pieces removed, repeated, nested, spliced from",
        "two files, checksums mended), each sent through a real decoder process as the worker sends it.",
        "",
        f"- {campaign.pictures} pictures in {campaign.seconds / 60:.1f} minutes, seed {campaign.seed}.",
        f"- **{failures} ended in another way than ready or refused with a reason, or beyond their time.**",
        f"- Decoders ended over {ended} pictures (crash, time, memory); the worker went on each time.",
        f"- The slowest took {campaign.slowest:.1f} s; {TRIES} tries of {LIMITS.max_seconds} s each are allowed.",
        f"- The most a decoder held between two pictures: {campaign.largest / 1e6:.0f} MB.",
        f"- Pillow {PIL.__version__} ({libraries()}), Python {platform.python_version()}.",
        "",
        "| Format | Outcome | Pictures |",
        "|---|---|---|",
    ]
    for format, outcomes in campaign.outcomes.items():
        lines += [f"| {format} | {outcome} | {count} |" for outcome, count in outcomes.most_common()]
    lines += found("Failures", campaign.failures) + found("Decoders that ended", campaign.ended)
    return "\n".join(lines) + "\n"


def found(title: str, findings: list[Finding]) -> list[str]:
    if not findings:
        return []
    told = [f"- {each.what}, {each.how}: {each.told.splitlines()[0]}" for each in findings[:20]]
    return ["", f"## {title}", "", *told, *([f"- … and {len(findings) - 20} more"] if len(findings) > 20 else [])]


def libraries() -> str:
    versions = {name: features.version(name) for name in LIBRARIES}
    return ", ".join(f"{name} {version}" for name, version in versions.items() if version)
