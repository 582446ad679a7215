"""The settings of the sites that a browser visits: pictures take long enough to be watched."""

from tests.process_settings import *  # noqa: F403
from tests.process_settings import INVITATION_LIMITS, THUMBNAILS

# Twelve renditions, none of them small, and one size that is cut to shape.
THUMBNAILS["SPECS"] = {
    "f": {"width": 1100, "height": 825, "mode": "cover"},
    **{name: (side, side) for name, side in zip("abcde", range(1600, 1100, -100), strict=True)},
}
# What a mail server says goes by the address (post_office.py), and all tests share one site.
INVITATION_LIMITS["PER_RECIPIENT"] = 1000
