"""Somebody else's text, made fit for a header or a sentence of ours."""


def one_line(text: str) -> str:
    """Without line breaks, control characters and invisible ones that change the direction of what follows."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
