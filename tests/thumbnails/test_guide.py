"""docs/pictures.md says what the code does."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.template import Template
from django.test.utils import isolate_apps
from PIL import Image

from tests.invitations.test_guide import named, rows
from thumbnails import conf, encoding, refusals
from thumbnails.declared import RULES
from thumbnails.decoding.apart import BROKE_OFF, too_slow
from thumbnails.decoding.decoder import MEGABYTE, MOST_PICTURES, MOST_RESIDENT
from thumbnails.forms import problem_with
from thumbnails.limits import Limits
from thumbnails.rebuilding import PRIORITY
from thumbnails.specs import Spec
from thumbnails.state import PictureState

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "pictures.md").read_text()
SETTING, MODEL = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
(TEMPLATE,) = re.findall(r"```django\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = re.findall(r"python manage\.py ((?:rebuild|sweep)thumbnails[^`\n]*)", GUIDE)


def setting() -> dict:
    said: dict = {}
    exec(SETTING, said)  # noqa: S102 - our own page
    return said["THUMBNAILS"]


DEFAULTS = {named(row[0])[0]: row[2] for row in rows(GUIDE, "Settings") if named(row[0])}
"""As written, of the keys of the setting, which are upper case, and of a spec."""


def test_every_key_of_the_setting_is_told_with_its_default():
    table = {key: default for key, default in DEFAULTS.items() if key.isupper()}
    assert set(table) == set(conf.KEYS)
    for limit in fields(Limits):
        assert named(table[limit.name.upper()])[0] == str(limit.default)
    assert f"({Image.MAX_IMAGE_PIXELS // 1_000_000} million)" in GUIDE


def test_every_key_of_a_spec_is_told_with_its_default():
    table = {key: default for key, default in DEFAULTS.items() if key.islower()}
    assert set(table) == set(RULES)
    for each in fields(Spec):
        if each.name in table:
            default = each.default_factory() if each.default_factory is not MISSING else each.default
            assert default is MISSING or eval(named(table[each.name])[0]) == default, each.name  # noqa: S307
    qualities = re.findall(r"`(\w+)` (\d+)", table["quality"])
    assert {format: int(quality) for format, quality in qualities} == encoding.QUALITY


def test_the_examples_are_sound(settings):
    settings.THUMBNAILS = setting()
    assert conf.problems(settings.THUMBNAILS) == []
    said = {"__name__": "tests.thumbnails.articles.models"}
    with isolate_apps("tests.thumbnails.articles"):
        exec(MODEL, said)  # noqa: S102
        for name in ("photo", "logo"):
            assert said["Article"]._meta.get_field(name).check() == []
    assert Template(TEMPLATE)
    names = set(re.findall(r'(?<=\s)"(\w+)"', TEMPLATE))
    assert names
    assert names <= set(settings.THUMBNAILS["SPECS"])


def test_every_state_is_told_by_the_name_that_people_read():
    section = GUIDE.split("\n## From upload to rendition\n")[1].split("\n## ")[0]
    assert set(re.findall(r"\*([\w ]+)\*", " ".join(section.split()))) == {str(state.label) for state in PictureState}


def test_every_refusal_is_told_in_the_words_that_its_owner_reads():
    limits = Limits()
    empty = type("Empty", (), {"size": 0})()
    sentences = [
        problem_with(empty, limits.max_bytes),
        refusals.too_many_bytes(25 * 1024 * 1024, limits.max_bytes),
        refusals.too_many_pixels((9000, 9000), limits.max_pixels),
        refusals.far_too_many_pixels(limits.max_pixels),
        refusals.UNKNOWN,
        refusals.DAMAGED,
        too_slow(limits.max_seconds),
        BROKE_OFF,
        refusals.TOO_DEMANDING,
    ]
    table = [row[1] for row in rows(GUIDE, "What is refused")]
    assert len(table) == len(sentences)
    for begins, sentence in zip(table, sentences, strict=True):
        assert sentence.startswith(begins)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_the_options_that_it_is_shown_with(command):
    name, *options = command.split()
    load_command_class("thumbnails", name).create_parser("manage.py", name).parse_args(options)


def test_figures_are_those_of_the_code():
    text = " ".join(GUIDE.split())
    assert f"replaced after {MOST_PICTURES} pictures or when they hold {MOST_RESIDENT // MEGABYTE} MB" in text
    assert f"at priority {PRIORITY}:" in text
    assert len(COMMANDS) >= 5


def test_every_variable_of_the_bucket_is_told():
    all_of_them = set(re.findall(r"^\| `(S3_\w+)`", (DOCS / "deploy.md").read_text(), re.MULTILINE))
    assert all_of_them
    assert all_of_them <= set(re.findall(r"`(S3_\w+)", GUIDE))
