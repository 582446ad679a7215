"""Many invitations at once: addresses are read, judged and shown, and only then sent together."""
