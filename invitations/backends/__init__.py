"""Anymail's backends of providers that know a mail again by a key: given twice, it is sent once.

``EMAIL_PROVIDER`` chooses these where there are any. A mail whose outcome is unknown may then be handed over again
for ``KNOWN_AGAIN_FOR`` seconds.
"""
