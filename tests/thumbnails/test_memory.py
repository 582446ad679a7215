"""A picture much larger than what is made of it takes the memory of what is made of it."""

import subprocess
import sys
from pathlib import Path

import pytest

MEASURED = """
import sys
from thumbnails.declared import declared
from thumbnails.limits import Limits
from thumbnails.rendering import render

boxes = {"small": (160, 160), "medium": (480, 480), "large": (1280, 1280)}
specs = [declared(name, box) for name, box in boxes.items()]
rendering = render(open(sys.argv[1], "rb").read(), specs, (0.5, 0.5), Limits(max_bytes=10**9, max_pixels=10**9))
assert (rendering.width, rendering.height, len(rendering.renditions)) == (10_328, 7_746, 6)
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak) // 1024, "django" in sys.modules)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a process's peak memory")
def test_a_jpeg_of_80_megapixels_is_rendered_in_less_than_300_mb_and_without_django(tmp_path: Path):
    photo = tmp_path / "large.jpg"
    drawn = "from PIL import Image; Image.new('RGB', (10328, 7746), 'teal').save(__import__('sys').argv[1])"
    subprocess.run([sys.executable, "-c", drawn, str(photo)], check=True)
    told = subprocess.run([sys.executable, "-c", MEASURED, str(photo)], check=True, capture_output=True, text=True)
    megabytes, with_django = told.stdout.split()
    assert int(megabytes) < 300
    assert with_django == "False"
